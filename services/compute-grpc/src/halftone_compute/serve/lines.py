"""Lines over one row of cells, in a PNG: a pixel is drawn or not, and heights fit all that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone_wire import lines_of

from halftone_compute.serve.shade import line_colours, saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone.v1 import frame_pb2
    from halftone_wire import Line, Plane

# Of 255: how much a band covers what lies behind it.
_BAND_ALPHA = 64


def lines(quantity: frame_pb2.Quantity, planes: Sequence[Plane], height: int, colormap: str) -> bytes:
    """A PNG of the lines of `lines_of`, greatest number on top: one in the colour of a map, or each category's in its
    own. The first category lies on top.
    """
    drawn = lines_of(quantity, planes)
    low, high = range_of(drawn)
    colours = line_colours(colormap, len(drawn) if quantity.category else 0)
    pixels = np.zeros((height, planes[0].cells.shape[1], 4), np.uint8)
    for line, colour in reversed(list(zip(drawn, colours, strict=True))):
        if line.band is not None:
            least, greatest = line.band
            _lay(pixels, filled(least, greatest, low, high, height), colour, _BAND_ALPHA)
    for line, colour in reversed(list(zip(drawn, colours, strict=True))):
        _lay(pixels, raster(line, low, high, height), colour, 255)
    return saved(pixels)


def range_of(drawn: Sequence[Line]) -> tuple[float, float]:
    """The least and the greatest number that is shown."""
    bounds = [side for line in drawn for side in (line.low, line.high, *(line.band or ()))]
    known = np.concatenate([side[np.isfinite(side)] for side in bounds])
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)


def rows_of(numbers: np.ndarray, low: float, high: float, height: int) -> np.ndarray:
    """int64: the row of pixels of each number, from 0 at `low` to the last at `high`; -1 for NaN."""
    size = (high - low) or 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.floor((numbers - low) / size * (height - 1) + 0.5)
    return np.where(np.isnan(rows), -1, np.clip(rows, 0, height - 1)).astype(np.int64)


def filled(least: np.ndarray, greatest: np.ndarray, low: float, high: float, height: int) -> np.ndarray:
    """bool of shape (height, columns), lowest first: where columns reach from one number to another."""
    level = np.arange(height)[:, np.newaxis]
    from_, to = (rows_of(side, low, high, height) for side in (least, greatest))
    inside: np.ndarray = (level >= from_) & (level <= to) & (from_ >= 0)
    return inside


def raster(line: Line, low: float, high: float, height: int) -> np.ndarray:
    """bool of shape (height, columns), lowest first: the pixels of a line.

    A join is the straight line between the middles of two pixels. In each column that it crosses it takes the pixels
    that it meets there.
    """
    drawn = filled(line.low, line.high, low, high, height)
    starts, ends = (rows_of(side, low, high, height) for side in (line.start, line.end))
    for first, second in line.joins.tolist():
        columns, from_, to = join(first, int(ends[first]), second, int(starts[second]))
        for column, bottom, top in zip(columns.tolist(), from_.tolist(), to.tolist(), strict=True):
            drawn[bottom : top + 1, column] = True
    return drawn


def join(x0: int, y0: int, x1: int, y1: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns from `x0` to `x1`, and the lowest and highest pixel in each of a straight line; int64, `x0` < `x1`."""
    columns = np.arange(x0, x1 + 1)
    # In halves of a pixel, so that all of it is whole numbers.
    edges = np.stack((np.maximum(2 * columns - 1, 2 * x0), np.minimum(2 * columns + 1, 2 * x1)))
    heights = y0 + ((edges - 2 * x0) * (y1 - y0) + (x1 - x0)) // (2 * (x1 - x0))
    return columns, heights.min(axis=0), heights.max(axis=0)


def _lay(pixels: np.ndarray, drawn: np.ndarray, colour: np.ndarray, alpha: int) -> None:
    """Puts pixels of one colour over others. Where only bands lie the upper one hides the lower one."""
    pixels[drawn[::-1]] = [*colour, alpha]
