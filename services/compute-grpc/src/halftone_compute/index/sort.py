"""The order of rows in memory: by Morton key, down to where a cell holds few rows, or rows at one point.

Only the highest bits of keys are sorted by, as many as a leaf needs: which order the rows of a leaf have does not
matter. Rows that share these bits are sorted by finer cells where they are more than a leaf.
"""

from __future__ import annotations

import numpy as np

from halftone_compute.index import kernels
from halftone_compute.index.window import Bounds, Window
from halftone_compute.store.index import LEAF_ROWS

_PLACE_BITS = np.uint64(32)


def order_of(xs: np.ndarray, ys: np.ndarray, offset: int) -> np.ndarray:
    """uint32 of shape (rows,): the places of the rows in their order. Coordinates are finite float64.

    Rows of one cell keep the order they have. A cell that holds more rows than a leaf is sorted by finer cells, until
    its rows lie at one point.
    """
    order, runs = _by_cell(xs, ys, offset)
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
    """The places of rows in the order of the cells that a sort tells apart, and the runs of crowded ones."""
    if not len(xs) or is_point(bounds := bounds_of(xs, ys)):
        return np.arange(len(xs), dtype=np.uint32), []
    window = Window.of(bounds, offset)
    packed = window.keys(xs, ys)
    # Copies, which the sort has no room for.
    del xs, ys
    kernels.pack(packed, max(0, window.key_bits - kernels.SORT_BITS))
    packed = _sorted(packed)
    return packed.astype(np.uint32), _crowds(packed)


def _sorted(packed: np.ndarray) -> np.ndarray:
    spare = np.empty_like(packed)
    return spare if kernels.sort(packed, spare) else packed


def _crowds(packed: np.ndarray) -> list[tuple[int, int]]:
    """Runs of more than LEAF_ROWS equal keys."""
    if len(packed) <= LEAF_ROWS:
        return []
    keys = packed >> _PLACE_BITS
    # Where a key equals the one LEAF_ROWS places on, such a run lies around it.
    if not (keys[LEAF_ROWS:] == keys[:-LEAF_ROWS]).any():
        return []
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    starts, stops = np.concatenate(([0], edges)), np.concatenate((edges, [len(keys)]))
    crowded = stops - starts > LEAF_ROWS
    return list(zip(starts[crowded].tolist(), stops[crowded].tolist(), strict=True))
