"""Rows of a version that have no place in a picture, out of the statistics of its columns."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.codes import TransformCode
from halftone_views.columns import ColumnInfo
from halftone_views.glyph import glyph_of
from halftone_views.lattice.transform import transform_of
from halftone_views.transforms.category import CATEGORY


class PlacedBy(NamedTuple):
    """One axis of a plan: the column that says where a row lies, and how."""

    column: str
    transform: TransformCode


def unplaced_of(plan: compute_pb2.Plan, columns: Mapping[str, ColumnInfo]) -> frame_pb2.Unplaced | None:
    """The rows without a place or without a value to reduce. None when statistics do not tell, so that rows must be
    read: two columns are concerned, an axis has no place for a value, or the version is older than these statistics.

    `columns` has those of the plan.
    """
    placed_by = axes_of(plan)
    # On an axis of categories every row has a place, one without a category too.
    names = [axis.column for axis in placed_by if axis.transform != CATEGORY.code]
    axes = [columns[name] for name in dict.fromkeys(names)]
    value = columns[plan.value] if plan.value and columns[plan.value] not in axes else None
    read = axes if value is None else [*axes, value]
    if not all(_is_known(column) for column in read) or not all(_fits(axis, columns) for axis in placed_by):
        return None
    concerned = [column for column in read if _missing(column) or column.infinite or column.out_of_range]
    if len(concerned) > 1:
        return None
    if not concerned:
        return frame_pb2.Unplaced()
    (column,) = concerned
    if column is value:
        missing = _missing(column) + column.out_of_range
        return frame_pb2.Unplaced(value_missing=missing, value_infinite=column.infinite)
    return frame_pb2.Unplaced(missing=_missing(column), infinite=column.infinite, out_of_range=column.out_of_range)


def axes_of(plan: compute_pb2.Plan) -> tuple[PlacedBy, ...]:
    """What says where a row lies, each once."""
    axes = (plan.x,) if glyph_of(plan.glyph).is_flat else (plan.x, plan.y)
    return tuple(dict.fromkeys(PlacedBy(axis.column, axis.transform) for axis in axes))


def stored_missing(column: ColumnInfo) -> Literal["missing", "out_of_range"]:
    """What a row is counted as whose value is stored as missing: both sorts are, and only their numbers are kept."""
    return "out_of_range" if column.out_of_range and not _missing(column) else "missing"


def _missing(column: ColumnInfo) -> int:
    return column.nulls + column.unreadable


def _is_known(column: ColumnInfo) -> bool:
    """Whether infinite values were counted at the import; only numbers with fractions can be infinite."""
    if column.type == "time" or column.dtype.startswith(("int", "uint")):
        return True
    return column.min is not None and column.typical_min is not None


def _fits(axis: PlacedBy, columns: Mapping[str, ColumnInfo]) -> bool:
    """Whether every finite value of the column has a place on the axis."""
    column, transform = columns[axis.column], transform_of(axis.transform)
    return all(transform.has_place(bound) for bound in (column.min, column.max) if bound is not None)
