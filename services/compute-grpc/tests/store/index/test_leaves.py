"""Leaves: which of them may hold a row of a box."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_leaf
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.index.entry import ROLES, IndexEntry
from halftone_compute.store.index.leaves import Box, Leaves, leaves_of
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given
from hypothesis import strategies as st

FILES = {role: DataFile(f"index.{role}", 0, "") for role in ROLES}
ENTRY = IndexEntry("x", "y", 0, 5, ("x", "y"), FILES)
STARTS = np.array([0, 2, 5, 6], "<u8")
ZONES = np.arange(12.0)

NUMBERS = st.one_of(st.integers(-4, 4).map(float), st.sampled_from((math.nan, math.inf, -math.inf)))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=24)
# Columns, and the bounds of a box on each.
Asked = tuple[str, list[int], list[int]]
BOUNDS = st.tuples(st.integers(-5, 5), st.integers(-5, 5)).map(sorted)


def made(rows: np.ndarray, placed: int) -> Leaves:
    """Leaves of three rows each: the placed ones, then the others."""
    starts = np.array([*range(0, placed, 3), *range(placed, len(rows), 3), len(rows)])
    zones = {}
    for name, values in zip("xyv", rows.T, strict=True):
        parts = [values[a:b][np.isfinite(values[a:b])] for a, b in pairwise(starts)]
        least = np.array([part.min() if len(part) else np.inf for part in parts])
        zones[name] = least, np.array([part.max() if len(part) else -np.inf for part in parts])
    return Leaves(starts, int(np.searchsorted(starts, placed)), "x", "y", zones)


@st.composite
def questions(draw: st.DrawFn) -> list[Asked]:
    """Boxes of the same columns."""
    names = draw(st.sampled_from(("xy", "yx", "vx", "v", "x")))
    return [(names, x, y) for x, y in draw(st.lists(st.tuples(BOUNDS, BOUNDS), max_size=3))]


@given(ROWS, questions())
def test_no_leaf_with_a_row_in_a_box_is_left_out(found: list[tuple[float, float, float]], asked: list[Asked]) -> None:
    rows = np.array(sorted(found, key=lambda row: not (math.isfinite(row[0]) and math.isfinite(row[1]))))
    placed = int(np.count_nonzero(np.isfinite(rows[:, 0]) & np.isfinite(rows[:, 1])))
    leaves = made(rows, placed)
    boxes = [
        Box(names[0], x[0], x[1], names[1], y[0], y[1]) if len(names) == 2 else Box(names[0], x[0], x[1])
        for names, x, y in asked
    ]
    chosen = leaves.meeting(boxes)
    assert chosen.tolist() == sorted({leaf for met in leaves.of_each(boxes) for leaf in met.tolist()})
    met = np.isin(np.arange(leaves.count), chosen)
    by_name = dict(zip("xyv", rows.T, strict=True))
    for box in boxes:
        inside = (by_name[box.x] >= box.x0) & (by_name[box.x] <= box.x1)
        if box.y is not None:
            inside &= (by_name[box.y] >= box.y0) & (by_name[box.y] <= box.y1)
        for row in np.flatnonzero(inside):
            assert met[np.searchsorted(leaves.starts, row, "right") - 1]
    runs = leaves.runs(chosen)
    rows_chosen = [row for start, stop in runs for row in range(start, stop)]
    assert rows_chosen == [row for row in range(len(rows)) if met[np.searchsorted(leaves.starts, row, "right") - 1]]
    assert all(stop < start for (_, stop), (start, _) in pairwise(runs))


def test_leaves_far_from_a_box_are_left_out() -> None:
    rows = np.stack((np.arange(12.0), np.zeros(12), np.arange(12.0)), axis=1)
    leaves = made(rows, 9)
    assert leaves.meeting([Box("x", 3.5, 4.5)]).tolist() == [1]
    assert [met.tolist() for met in leaves.of_each([Box("x", 0, 1), Box("x", 7, 8)])] == [[0], [2]]
    assert leaves.meeting([Box("unknown", 0, 1)]).tolist() == [0, 1, 2, 3]
    # Rows without a place are in no box of both axes, whatever one of them is.
    assert leaves.meeting([Box("y", 0, 0, "x", 0, 99)]).tolist() == [0, 1, 2]
    assert leaves.meeting([Box("x", 0, 99, "v", 0, 99)]).tolist() == [0, 1, 2, 3]


def test_crowded_leaves_are_those_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_leaf(monkeypatch, 2)
    leaves = Leaves(np.array([0, 2, 5, 9]), 2, "x", "y", {})
    assert leaves.rows.tolist() == [2, 3, 4]
    assert leaves.crowded.tolist() == [False, True, False]


def test_files_become_leaves() -> None:
    leaves = leaves_of(ENTRY, STARTS, ZONES)
    assert (leaves.count, leaves.placed, leaves.x, leaves.y) == (3, 2, "x", "y")
    assert (leaves.starts.dtype.type, leaves.starts.tolist()) == (np.int64, [0, 2, 5, 6])
    assert [part.tolist() for part in leaves.zones["y"]] == [[6.0, 7.0, 8.0], [9.0, 10.0, 11.0]]


@pytest.mark.parametrize(
    ("entry", "starts", "zones"),
    [
        (ENTRY, STARTS[:0], ZONES),
        (ENTRY, STARTS, ZONES[:-1]),
        (ENTRY, STARTS[:-1], ZONES),
        (replace(ENTRY, zoned=("x",)), STARTS, ZONES),
        (replace(ENTRY, placed=4), STARTS, ZONES),
    ],
)
def test_files_that_contradict_each_other(entry: IndexEntry, starts: np.ndarray, zones: np.ndarray) -> None:
    with pytest.raises(HalftoneError) as caught:
        leaves_of(entry, starts, zones)
    assert caught.value.code is ErrorCode.DATA_CORRUPT


def test_no_box_meets_no_leaf() -> None:
    leaves = made(np.zeros((4, 3)), 4)
    assert leaves.of_each([]) == []
    assert leaves.meeting([]).tolist() == []
