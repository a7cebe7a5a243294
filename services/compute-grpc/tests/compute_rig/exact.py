"""What each plane of a picture holds, in exact arithmetic of Python, row by row: the oracle of every way to draw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.glyph import glyph_of
from halftone_views.lattice import TILE, Address, cell_of
from halftone_views.lattice.transform import transform_of
from halftone_views.plan import is_by_category, planes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_compute.render.job import Place
    from halftone_views.codes import Role
    from halftone_wire import Piece

# A cell, as (row, column) of its picture, and the rows in it by their numbers in the file.
Cells: TypeAlias = "dict[tuple[int, int], list[int]]"
_EPSILON = float(np.finfo(np.float64).eps)
# As far as ColumnInfo.sums_fit looks, whose bounds of long integers are rounded.
_MOST_WHOLE = 2**63 - 1024


@dataclass(frozen=True)
class Rows:
    """Columns in the order of the file. `valid` has a bool array for columns of whole numbers that lack some."""

    values: Mapping[str, np.ndarray]
    valid: Mapping[str, np.ndarray]

    def numbers(self, name: str) -> list[int | float | None]:
        """The finite values of a column; None where there is none."""
        values, valid = self.values[name].tolist(), self.valid.get(name)
        has = np.isfinite(self.values[name]) if valid is None else np.isfinite(self.values[name]) & valid
        return [value if held else None for value, held in zip(values, has.tolist(), strict=True)]

    def places(self, axis: compute_pb2.Axis) -> list[float | None]:
        """Where each row lies on an axis; None for one without a place."""
        transform = transform_of(axis.transform)
        found = [
            None if value is None or not transform.has_place(value) else transform.forward(value)
            for value in self.numbers(axis.column)
        ]
        if not axis.width:
            return found
        return [None if place is None else bin_of(place, axis.width) + 0.5 for place in found]


def bin_of(place: float, width: float) -> int:
    """The last bin that begins at or below a place: its edge is the float64 nearest to a multiple of the width."""
    written = Fraction(repr(width))
    index = math.floor(Fraction(place) / written)
    return next(each for each in range(index + 2, index - 3, -1) if float(each * written) <= place)


def rows_by_cell(rows: Rows, plan: compute_pb2.Plan, place: Place) -> Cells:
    """The rows in each cell of a tile, by exact floors, or of a viewport, by Datashader's formula."""
    across = [_cell_of(at, place, "x") for at in rows.places(plan.x)]
    is_flat = glyph_of(plan.glyph).is_flat
    up = [0] * len(across) if is_flat else [_cell_of(at, place, "y") for at in rows.places(plan.y)]
    found: Cells = {}
    for row, (x, y) in enumerate(zip(across, up, strict=True)):
        if x is not None and y is not None:
            found.setdefault((y, x), []).append(row)
    return found


def _cell_of(at: float | None, place: Place, side: str) -> int | None:
    if at is None:
        return None
    if isinstance(place, Address):
        exponent, index = (place.ex, place.ix) if side == "x" else (place.ey, place.iy)
        cell = cell_of(at, exponent) - index * TILE
        return cell if 0 <= cell < TILE else None
    low, high, cells = (place.x0, place.x1, place.width) if side == "x" else (place.y0, place.y1, place.height)
    scale = cells / (high - low)
    return min(int(at * scale + -low * scale), cells - 1) if low <= at <= high else None


def assert_exact(piece: Piece, rows: Rows, plan: compute_pb2.Plan, place: Place) -> None:
    """Every plane of a piece against its rows: equal, sums within the rounding of their terms."""
    cells = rows_by_cell(rows, plan, place)
    assert [(plane.role, plane.category) for plane in piece.planes] == planes_of(plan)
    values = rows.numbers(plan.value) if plan.value else []
    codes = rows.values[plan.category].tolist() if is_by_category(plan) else []
    across = rows.places(plan.x)
    for plane in piece.planes:
        expected, bound = np.zeros(plane.cells.shape, object), np.zeros(plane.cells.shape)
        for cell, inside in cells.items():
            own = [row for row in inside if not codes or _is_of(plan, codes[row], plane.category, plane.role)]
            expected[cell], bound[cell] = _number(plane.role, own, values, across)
        _assert_plane(plane.cells, expected, bound, is_rounded=_is_rounded(plane.role, rows, plan.value))


def _is_rounded(role: Role, rows: Rows, value: str) -> bool:
    """Whether a plane holds floats: sums of whole numbers are whole as long as none can leave int64."""
    if role != frame_pb2.PLANE_ROLE_SUM:
        return role == frame_pb2.PLANE_ROLE_SQUARES
    whole = rows.values[value]
    return whole.dtype.kind == "f" or max(map(abs, whole.tolist()), default=0) * len(whole) >= _MOST_WHOLE


def _is_of(plan: compute_pb2.Plan, code: int, category: int, role: Role) -> bool:
    """Whether a row with this code belongs to a plane of a category."""
    last = plan.category_planes - 1
    if category > last:
        # The plane of all rows together.
        assert role != frame_pb2.PLANE_ROLE_CATEGORY
        return True
    return code == category or (code > last == category and plan.category_other)


def _number(
    role: Role, rows: Sequence[int], values: Sequence[int | float | None], across: Sequence[float | None]
) -> tuple[int | float, float]:
    """What a cell of these rows holds, and how far a sum of floats may be off."""
    if role in (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_CATEGORY):
        return len(rows), 0.0
    if rows and role in (frame_pb2.PLANE_ROLE_EARLIEST, frame_pb2.PLANE_ROLE_LATEST):
        return _at_end([(at, values[row]) for row in rows if (at := across[row]) is not None], role), 0.0
    found = [value for row in rows if (value := values[row]) is not None]
    if role == frame_pb2.PLANE_ROLE_VALID or not found:
        return len(found), 0.0
    if role == frame_pb2.PLANE_ROLE_SUM:
        total = sum(map(Fraction, found))
        bound = 4 * _EPSILON * math.fsum(map(abs, found)) * len(found)
        return total.numerator if total.denominator == 1 else float(total), bound
    if role == frame_pb2.PLANE_ROLE_SQUARES:
        return _squares(found)
    picks = {
        frame_pb2.PLANE_ROLE_MIN: min(found),
        frame_pb2.PLANE_ROLE_MAX: max(found),
        frame_pb2.PLANE_ROLE_FIRST: found[0],
        frame_pb2.PLANE_ROLE_LAST: found[-1],
    }
    return picks[role], 0.0


def _at_end(rows: Sequence[tuple[float, int | float | None]], role: Role) -> float:
    """The value of the outermost place, NaN where no row there has one."""
    pick = min if role == frame_pb2.PLANE_ROLE_EARLIEST else max
    end = pick(at for at, _ in rows)
    return pick((float(value) for at, value in rows if at == end and value is not None), default=math.nan)


def _squares(found: Sequence[int | float]) -> tuple[float, float]:
    """Squared differences from the mean. A mean is known as well as its values round, and so is each difference."""
    exact = [Fraction(value) for value in found]
    mean = sum(exact, Fraction()) / len(exact)
    expected = float(sum(((value - mean) ** 2 for value in exact), Fraction()))
    off = float(max(max(exact) - mean, mean - min(exact)))
    most = float(max(max(exact), -min(exact)))
    count = len(found)
    return expected, 16 * _EPSILON * count * (count * off * off + off * most + _EPSILON * most * most)


def _assert_plane(cells: np.ndarray, expected: np.ndarray, bound: np.ndarray, *, is_rounded: bool) -> None:
    places = np.argwhere((cells != 0) | (expected != 0))
    for y, x in places.tolist():
        mine, exact = cells[y, x].item(), expected[y, x]
        if is_rounded:
            assert abs(Fraction(mine) - Fraction(exact)) <= Fraction(bound[y, x]), (y, x, mine, exact)
        else:
            assert mine == exact or mine != mine != exact != exact, (y, x, mine, exact)
