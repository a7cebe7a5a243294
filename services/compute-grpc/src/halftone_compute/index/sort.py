"""The order of rows in memory: by Morton key, down to where a cell holds few rows, or rows at one point."""

from __future__ import annotations

import numpy as np

from halftone_compute.index import kernels
from halftone_compute.index.window import Bounds, Window
from halftone_compute.store.index import LEAF_ROWS


def order_of(xs: np.ndarray, ys: np.ndarray, offset: int) -> np.ndarray:
    """uint32 of shape (rows,): the places of the rows in their order. Coordinates are finite float64.

    Rows of one cell keep the order they have. A cell that holds more rows than a leaf is sorted by finer cells, until
    its rows lie at one point.
    """
    order = np.arange(len(xs), dtype=np.uint32)
    runs = [(0, len(xs))]
    # Without recursion: crowds may lie in each other, and each would keep its arrays.
    while runs:
        start, stop = runs.pop()
        rows = order[start:stop]
        places, crowds = _by_cell(xs[rows], ys[rows], offset)
        order[start:stop] = rows[places]
        runs += [(start + first, start + last) for first, last in crowds]
    return order


def bounds_of(xs: np.ndarray, ys: np.ndarray) -> Bounds:
    """The least and the greatest coordinates of at least one row."""
    return float(xs.min()), float(xs.max()), float(ys.min()), float(ys.max())


def is_point(bounds: Bounds) -> bool:
    x0, x1, y0, y1 = bounds
    return x0 == x1 and y0 == y1


def _by_cell(xs: np.ndarray, ys: np.ndarray, offset: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The places of rows in the order of the finest cells that a key tells apart, and the runs of crowded ones."""
    places = np.arange(len(xs), dtype=np.uint32)
    if not len(xs) or is_point(bounds := bounds_of(xs, ys)):
        return places, []
    keys = Window.of(bounds, offset).keys(xs, ys)
    # Copies, which the sort has no room for.
    del xs, ys
    keys, places = _sorted(keys, places)
    return places, _crowds(keys)


def _sorted(keys: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    spare_keys, spare_order = np.empty_like(keys), np.empty_like(order)
    if kernels.sort(keys, order, spare_keys, spare_order):
        return spare_keys, spare_order
    return keys, order


def _crowds(keys: np.ndarray) -> list[tuple[int, int]]:
    """Runs of more than LEAF_ROWS equal keys."""
    # Where a key equals the one LEAF_ROWS places on, such a run lies around it.
    if not (keys[LEAF_ROWS:] == keys[:-LEAF_ROWS]).any():
        return []
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    starts, stops = np.concatenate(([0], edges)), np.concatenate((edges, [len(keys)]))
    crowded = stops - starts > LEAF_ROWS
    return list(zip(starts[crowded].tolist(), stops[crowded].tolist(), strict=True))
