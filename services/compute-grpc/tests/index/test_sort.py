"""The order of rows, against a stable sort by exact cells in Python integers."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from compute_rig.ordered import OFFSETS, PAIRS, few_rows_a_leaf, finest_cells, hard_rows, sorted_rows
from halftone_compute.index import sort
from halftone_compute.index.kernels import SORT_BITS
from halftone_compute.index.sort import bounds_of, is_point, order_of
from halftone_compute.index.window import Window
from hypothesis import given

HARD = hard_rows()


@given(PAIRS, OFFSETS)
def test_crowded_cells_are_sorted_down_to_points(pair: tuple[np.ndarray, np.ndarray], offset: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        few_rows_a_leaf(patch, 1)
        found = order_of(*pair, offset)
    cells = finest_cells(*pair, offset)
    assert found.tolist() == sorted_rows(cells)
    assert found.dtype == np.uint32


@pytest.mark.parametrize("name", HARD)
def test_rows_of_a_cell_keep_their_order_unless_it_is_crowded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_leaf(monkeypatch, 64)
    xs, ys = HARD[name]
    order = order_of(xs, ys, 0)
    np.testing.assert_array_equal(np.sort(order), np.arange(len(xs)))
    if is_point(bounds_of(xs, ys)):
        np.testing.assert_array_equal(order, np.arange(len(xs)))
        return
    window = Window.of(bounds_of(xs, ys), 0)
    keys = window.keys(xs, ys) >> np.uint64(max(0, window.key_bits - SORT_BITS))
    np.testing.assert_array_equal(keys[order], np.sort(keys))
    for _, rows in groupby(order.tolist(), lambda row: keys[row]):
        same = list(rows)
        points = [(xs[row], ys[row]) for row in same]
        if len(same) <= 64:
            assert same == sorted(same)
        else:
            # The rows of each point lie together.
            assert len(list(groupby(points))) == len(set(points))


@pytest.mark.parametrize("offset", [-3, 0, 2])
def test_the_rows_of_every_aligned_square_are_one_run(offset: int, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_leaf(monkeypatch, 1)
    xs, ys = HARD["normal"]
    order = order_of(xs, ys, offset)
    for k in range(-12, 2):
        for wider in (0, 1):
            squares = np.stack((np.floor(xs[order] * 2.0 ** -(k + offset + wider)), np.floor(ys[order] * 2.0**-k)))
            runs = 1 + np.count_nonzero((squares[:, 1:] != squares[:, :-1]).any(axis=0))
            assert runs == len(np.unique(squares, axis=1).T)


def test_no_rows_and_one_point() -> None:
    assert order_of(np.empty(0), np.empty(0), 0).tolist() == []
    assert order_of(np.full(3, 2.0), np.zeros(3), 0).tolist() == [0, 1, 2]
    assert sort.is_point((1.0, 1.0, 2.0, 2.0))
    assert not sort.is_point((1.0, 1.0, 2.0, 3.0))
    assert bounds_of(np.array([2.0, -1.0]), np.array([5.0, 7.0])) == (-1.0, 2.0, 5.0, 7.0)
