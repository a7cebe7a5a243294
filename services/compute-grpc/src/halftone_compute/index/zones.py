"""Zone maps: what each leaf holds at least and at most of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone_views.columns import EXACT_INTEGERS

from halftone_compute.index.coordinates import CHUNK_ROWS, finite

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.manifest import ColumnEntry


def zones_of(folder: Path, column: ColumnEntry, starts: np.ndarray) -> np.ndarray:
    """float64 of shape (2, leaves): the least and the greatest finite value of each leaf, inf and -inf without any.

    Integers that float64 does not hold are rounded outward. `starts` are the first rows of leaves, and the number of
    rows; the files of the column lie in `folder`, in the order of the leaves.
    """
    leaves = len(starts) - 1
    zones = np.stack((np.full(leaves, np.inf), np.full(leaves, -np.inf)))
    for start in range(0, int(starts[-1]), CHUNK_ROWS):
        values = finite(folder, column, start, min(CHUNK_ROWS, int(starts[-1]) - start))
        first = int(np.searchsorted(starts, start, "right")) - 1
        last = int(np.searchsorted(starts, start + len(values), "left"))
        cuts = np.maximum(starts[first:last] - start, 0)
        zones[0, first:last] = np.fmin(zones[0, first:last], np.fmin.reduceat(values, cuts))
        zones[1, first:last] = np.fmax(zones[1, first:last], np.fmax.reduceat(values, cuts))
    if np.dtype(column.layout).kind in "iu":
        _widen(zones)
    return zones


def _widen(zones: np.ndarray) -> None:
    """Moves bounds outward that may be rounded."""
    for bounds, outward in ((zones[0], -np.inf), (zones[1], np.inf)):
        rounded = np.isfinite(bounds) & (np.abs(bounds) >= EXACT_INTEGERS)
        bounds[rounded] = np.nextafter(bounds[rounded], outward)
