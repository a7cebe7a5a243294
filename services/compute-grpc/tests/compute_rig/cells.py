"""What the cells of a region hold, in NumPy, for the conformance suite."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from halftone_compute.backends.base import FreeRegion, LatticeRegion
from halftone_compute.store.base import ROW_NUMBER

Region: TypeAlias = LatticeRegion | FreeRegion


def place(region: Region, columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(inside, flat cell) of every row; the test data is dyadic, so float64 rounds nothing on the lattice."""
    x, y = columns["x"].astype(np.float64), columns["y"].astype(np.float64)
    if isinstance(region, LatticeRegion):
        column = np.floor(x / 2.0**region.ex) - region.first_x
        row = np.floor(y / 2.0**region.ey) - region.first_y
        inside = (column >= 0) & (column < region.width) & (row >= 0) & (row < region.height)
    else:
        inside = (region.x0 <= x) & (x <= region.x1) & (region.y0 <= y) & (y <= region.y1)
        sx, sy = region.width / (region.x1 - region.x0), region.height / (region.y1 - region.y0)
        column = np.minimum(np.trunc(x * sx - region.x0 * sx), region.width - 1)
        row = np.minimum(np.trunc(y * sy - region.y0 * sy), region.height - 1)
    at = np.where(inside, row * region.width + column, 0).astype(int)
    return inside, at


def squares(region: Region, at: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(sum of squared differences from the mean, how far an engine may be off) of every cell, in two passes."""
    cells = region.width * region.height
    count = np.maximum(1, np.bincount(at, minlength=cells))
    off = values - (np.bincount(at, values, cells) / count)[at]
    # The second term takes back the rounding of the mean.
    expected = np.bincount(at, off**2, cells) - np.bincount(at, off, cells) ** 2 / count
    greatest = np.zeros((2, cells))
    np.maximum.at(greatest[0], at, np.abs(off))
    np.maximum.at(greatest[1], at, np.abs(values))
    # Datashader, for free viewports, knows a mean only as well as the values round.
    rounding = greatest[0] if isinstance(region, LatticeRegion) else greatest[1]
    return expected, 1e-6 * expected + np.finfo(np.float64).eps * count * greatest[0] * rounding


def outermost(
    region: Region, at: np.ndarray, has: np.ndarray, columns: dict[str, np.ndarray], value: str, is_last: bool
) -> np.ndarray:
    """The value of the row with the least or greatest number in each cell."""
    order = np.flatnonzero(has)[np.argsort(columns[ROW_NUMBER][has])]
    found = np.zeros(region.width * region.height, columns[value].dtype)
    # Of assignments to one place the last one stays.
    order = order if is_last else order[::-1]
    found[at[order]] = columns[value][order]
    return found.reshape(region.height, region.width)


def at_end(
    region: Region, at: np.ndarray, inside: np.ndarray, columns: dict[str, np.ndarray], value: str, is_last: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The value of the row with the least or greatest x in each cell, NaN where it is missing, and that row, flat, -1
    for none. Of rows of one x one with a value counts, the least or the greatest.
    """
    sign = 1 if is_last else -1
    values = columns[value].astype(np.float64)
    rank = np.where(np.isfinite(values), sign * values, -np.inf)
    order = np.lexsort((rank, sign * columns["x"].astype(np.float64)))
    order = order[inside[order]]
    rows = np.full(region.width * region.height, -1)
    # Of assignments to one place the last one stays.
    rows[at[order]] = order
    found = np.where(rows < 0, 0.0, np.where(np.isfinite(values), values, np.nan)[rows])
    return found.reshape(region.height, region.width), rows


def counted(region: Region, at: np.ndarray) -> np.ndarray:
    return np.bincount(at, minlength=region.width * region.height).reshape(region.height, region.width)
