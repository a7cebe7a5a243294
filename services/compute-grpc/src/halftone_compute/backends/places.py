"""The cell of a region that a point lies in, for few points: engines have loops for many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.backends.base import FreeRegion, LatticeRegion
from halftone_compute.backends.datashader_axis import scale_and_translate
from halftone_compute.backends.lift import lift_of_level, lift_of_range, per_unit

if TYPE_CHECKING:
    from halftone_compute.backends.datashader_axis import Range


def places_of(region: LatticeRegion | FreeRegion, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(whether each point lies in the region, flat cell of each that does), row by row from the least y.

    Coordinates are float64 of shape (points,), with a place on the lattice.
    """
    if isinstance(region, FreeRegion):
        columns = _free(xs, (region.x0, region.x1), region.width)
        lines = _free(ys, (region.y0, region.y1), region.height)
    else:
        columns = _lattice(xs, region.ex, region.first_x)
        lines = _lattice(ys, region.ey, region.first_y)
    inside = (columns >= 0) & (columns < region.width) & (lines >= 0) & (lines < region.height)
    return inside, (lines[inside] * region.width + columns[inside]).astype(np.int64)


def _lattice(values: np.ndarray, exponent: int, first: float) -> np.ndarray:
    with np.errstate(over="ignore"):
        cells = np.floor(values * lift_of_level(exponent) * per_unit(exponent))
    # A negative value so small that the product is zero lies in the cell below zero.
    found: np.ndarray = np.where((values < 0.0) & (cells == 0.0), -1.0, cells) - first
    return found


def _free(values: np.ndarray, bounds: Range, cells: int) -> np.ndarray:
    lift = lift_of_range(*bounds)
    low, high = bounds[0] * lift, bounds[1] * lift
    with np.errstate(over="ignore"):
        lifted = values * lift
    scale, translate = scale_and_translate((low, high), cells)
    inside = (lifted >= low) & (lifted <= high)
    found = np.trunc(np.where(inside, lifted, low) * scale + translate)
    # The upper edge, and what is rounded to it, lies in the last cell.
    return np.where(inside, np.minimum(found, cells - 1.0), -1.0)
