"""Parts of the order: few enough rows each, and ascending along the exact order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import OFFSETS, PAIRS, finest_cells, hard_rows, sorted_rows
from halftone_compute.index import parts
from halftone_compute.index.parts import Parts, extent_of, planned
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from halftone_compute.index.parts import Result, Scan

    Work = Callable[[np.ndarray, np.ndarray], Result]

HARD = hard_rows()
# Windows within windows of this one are as many as the rows allow, which takes long.
MANY_WINDOWS = "every power of two"


@given(PAIRS, OFFSETS, st.integers(1, 6))
def test_parts_ascend_along_the_exact_order(pair: tuple[np.ndarray, np.ndarray], offset: int, most: int) -> None:
    made = planned(one_chunk(*pair), offset, most)
    found = made.of(*pair)
    cells = finest_cells(*pair, offset)
    ordered = sorted_rows(cells)
    assert (np.diff(found[ordered]) >= 0).all()
    _check_sizes(made, pair, most)


@pytest.mark.parametrize("name", [name for name in HARD if name != MANY_WINDOWS])
@pytest.mark.parametrize("most", [300, 1_000_000])
def test_parts_of_skewed_rows_in_several_chunks(name: str, most: int) -> None:
    xs, ys = HARD[name]
    # A part may be far below another one in a bucket that holds nearly all.
    xs, ys = np.append(xs, 1e299), np.append(ys, -1e299)

    def scan(work: Work[Result]) -> Iterator[Result]:
        yield work(xs[:0], ys[:0])
        for start in range(0, len(xs), 1000):
            yield work(xs[start : start + 1000], ys[start : start + 1000])

    made = planned(scan, 0, most)
    assert made.count == 1 if most > len(xs) else made.count > 1
    _check_sizes(made, (xs, ys), most)


def test_a_point_beside_a_crowd_of_different_rows_stays_one_part() -> None:
    rng = np.random.default_rng(7)
    # A point, and a crowd with a crowd within it.
    near, nearer = ((0.75 + rng.random((2, 200)) * width) for width in (1e-9, 1e-14))
    xs, ys = (np.concatenate(([0.0, 1.0], np.full(200, 0.25), near[axis], nearer[axis])) for axis in (0, 1))
    made = planned(one_chunk(xs, ys), 0, 30)
    found = made.of(xs, ys)
    assert len(np.unique(found[2:202])) == 1
    assert len(np.unique(found[202:])) > 6
    _check_sizes(made, (xs, ys), 30)


@pytest.mark.parametrize("at_once", [1024, 7])
def test_crowds_are_planned_together(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(parts, "_AT_ONCE", at_once)
    rng = np.random.default_rng(2)
    # Fifty crowds in one bucket of all rows, beside an outlier.
    xs, ys = (np.append(rng.random(50).repeat(100) + rng.normal(size=5000) * 1e-9, 1e6) for _ in "xy")
    passes = 0

    def scan(work: Work[Result]) -> Iterator[Result]:
        nonlocal passes
        passes += 1
        yield work(xs, ys)

    found = planned(scan, 0, 30)
    assert found.count > 150
    _check_sizes(found, (xs, ys), 30)
    assert passes <= (8 if at_once == 1024 else 8 * 50 / 7)


def test_rows_at_one_point_or_no_rows_are_one_part() -> None:
    point = np.full(9, 3.5)
    assert planned(one_chunk(point, point), 0, 2) == Parts()
    assert planned(one_chunk(point[:0], point[:0]), 0, 2).count == 1
    assert planned(lambda work: iter([]), 0, 2).of(point, point).tolist() == [0] * 9


def test_the_extent_of_rows() -> None:
    assert extent_of(one_chunk(np.array([3.0, -1.0]), np.array([5.0, 7.0]))) == (-1.0, 3.0, 5.0, 7.0)
    assert extent_of(one_chunk(np.empty(0), np.empty(0))) is None


def one_chunk(xs: np.ndarray, ys: np.ndarray) -> Scan:
    """All rows in one chunk."""

    def scan(work: Work[Result]) -> Iterator[Result]:
        yield work(xs, ys)

    return scan


def _check_sizes(made: Parts, pair: tuple[np.ndarray, np.ndarray], most: int) -> None:
    found = made.of(*pair)
    assert found.dtype == np.int64
    assert 0 <= found.min() <= found.max() < made.count
    for part in np.unique(found):
        inside = found == part
        is_point = len(np.unique(np.stack(pair)[:, inside], axis=1).T) == 1
        assert np.count_nonzero(inside) <= most or is_point
