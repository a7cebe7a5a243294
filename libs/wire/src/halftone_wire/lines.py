"""From the planes of one row of cells to the lines that they are drawn as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import frame_pb2

from halftone_wire.finishers import categories_of, finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_wire.planes import Plane, Role

# Numbers of a span, in the order of its planes.
_EARLIEST, _LATEST, _LEAST, _GREATEST = range(4)


@dataclass(frozen=True, slots=True)
class Line:
    """One line over columns of pixels, by arrays of shape (columns,), NaN where a column has no value.

    In a column it reaches from `low` to `high`. `joins` has the columns that are joined, int64 of shape (joins, 2):
    from `end` of the first to `start` of the second. `band` has the least and the greatest values about it, or is None.
    """

    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    high: np.ndarray
    joins: np.ndarray
    band: tuple[np.ndarray, np.ndarray] | None


def lines_of(quantity: frame_pb2.Quantity, planes: Sequence[Plane]) -> list[Line]:
    """The line of planes one cell high, or with a category column that of each category. Raises as `finish`.

    Two columns with values are joined if none between them has rows, and neither value at the ends of the join is
    missing: a row without a value breaks a line.
    """
    numbers = finish(quantity, planes, rounded=True)[0]
    if not quantity.category:
        return [_line(quantity, numbers, planes, frame_pb2.PLANE_ROLE_COUNT)]
    lines = []
    for place in range(categories_of(planes)):
        own = [plane for plane in planes if plane.category == place]
        lines.append(_line(quantity, numbers[..., place], own, frame_pb2.PLANE_ROLE_CATEGORY))
    return lines


def _line(quantity: frame_pb2.Quantity, numbers: np.ndarray, planes: Sequence[Plane], rows: Role) -> Line:
    cells = {plane.role: plane.cells[0] for plane in planes}
    valid = cells[frame_pb2.PLANE_ROLE_VALID] > 0
    if quantity.finisher == frame_pb2.FINISHER_SPAN:
        start, end, low, high = (numbers[..., at] for at in (_EARLIEST, _LATEST, _LEAST, _GREATEST))
        return Line(start, end, low, high, _joins(cells[rows] > 0, valid, start, end), None)
    band = None
    if quantity.within_value:
        extremes = (cells[role] for role in (frame_pb2.PLANE_ROLE_MIN, frame_pb2.PLANE_ROLE_MAX))
        least, greatest = (np.where(valid, each.astype(np.float64), np.nan) for each in extremes)
        band = least, greatest
    return Line(numbers, numbers, numbers, numbers, _joins(cells[rows] > 0, valid, numbers, numbers), band)


def _joins(has_rows: np.ndarray, valid: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """int64 of shape (joins, 2): columns with rows that follow each other, neither of which lacks its value there."""
    at = np.flatnonzero(has_rows)
    first, second = at[:-1], at[1:]
    is_joined = valid[first] & valid[second] & ~np.isnan(end[first]) & ~np.isnan(start[second])
    return np.stack((first[is_joined], second[is_joined]), axis=-1)
