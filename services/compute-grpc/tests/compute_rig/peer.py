"""What Datashader shows of the same rows, wherever it has the reduction and rounds no row into another cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2
from halftone_views.columns import EXACT_INTEGERS
from halftone_views.glyph import glyph_of
from halftone_views.lattice import Address, extent_of
from halftone_views.plan import is_by_category
from halftone_views.quantity import quantity_of
from halftone_views.reduction import reduction_of
from halftone_wire import finish

from compute_rig.rows import assert_same, datashader_grids

if TYPE_CHECKING:
    from halftone_compute.render.job import Place
    from halftone_wire import Piece

    from compute_rig.exact import Rows

# Beyond these Datashader's factors of a tile are no float64.
_MOST_EXPONENT = 900


def assert_datashader(piece: Piece, rows: Rows, plan: compute_pb2.Plan, place: Place, reduction: str) -> bool:
    """Compares a piece with Datashader's grid; returns whether it could."""
    if not _is_comparable(rows, plan, place):
        return False
    columns = _columns(rows, plan)
    extent, width, height = (
        (extent_of(place, plan.glyph), 256, 256)
        if isinstance(place, Address)
        else (place.extent, place.width, place.height)
    )
    if glyph_of(plan.glyph).is_flat:
        height = 1
    if isinstance(place, Address):
        x0, x1, y0, y1 = extent
        inside = (x0 <= columns["x"]) & (columns["x"] < x1) & (y0 <= columns["y"]) & (columns["y"] < y1)
        columns = {name: values[inside] for name, values in columns.items()}
    grids = datashader_grids(columns, extent, width, height)
    if reduction not in grids:
        return False
    quantity = quantity_of(reduction_of(reduction), plan.value)
    assert_same(finish(quantity, piece.planes), grids, reduction, columns["v"])
    return True


def _is_comparable(rows: Rows, plan: compute_pb2.Plan, place: Place) -> bool:
    axes = [rows.values[axis.column].dtype for axis in (plan.x, plan.y) if axis.column]
    is_linear = plan.x.transform == plan.y.transform == compute_pb2.TRANSFORM_LINEAR
    if isinstance(place, Address):
        exponents = (place.ex, place.ey)
        if not is_linear or not all(dtype == np.float32 or dtype.kind in "iu" for dtype in axes):
            return False
        if max(map(abs, exponents)) > _MOST_EXPONENT:
            return False
    return not is_by_category(plan) and _is_exact(rows, plan.value)


def _is_exact(rows: Rows, name: str) -> bool:
    """Whether float64 holds every value of a column."""
    return not name or all(abs(value) < EXACT_INTEGERS for value in rows.numbers(name) if isinstance(value, int))


def _columns(rows: Rows, plan: compute_pb2.Plan) -> dict[str, np.ndarray]:
    """The columns of a plan as Datashader takes them: NaN where there is no place or no finite value."""
    count = len(rows.values[plan.x.column])
    found = {"y": np.full(count, 0.5), "v": np.zeros(count), "c": np.zeros(count, np.int32)}
    for name, axis in (("x", plan.x), ("y", plan.y)):
        if axis.column:
            found[name] = _floats(rows.places(axis))
    if plan.value:
        found["v"] = _floats(rows.numbers(plan.value))
    return found


def _floats(numbers: list[float | None] | list[int | float | None]) -> np.ndarray:
    return np.array([np.nan if number is None else number for number in numbers], np.float64)
