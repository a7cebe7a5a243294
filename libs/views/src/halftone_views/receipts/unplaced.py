"""Rows of a version that have no place in a picture, out of the statistics of its columns."""

from collections.abc import Mapping
from typing import Literal

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.columns import ColumnInfo
from halftone_views.glyph import glyph_of
from halftone_views.lattice.extents import MAX_COORDINATE


def unplaced_of(plan: compute_pb2.Plan, columns: Mapping[str, ColumnInfo]) -> frame_pb2.Unplaced | None:
    """The rows without a place or without a value to reduce. None when statistics do not tell, so that rows must be
    read: two columns are concerned, a value lies beyond the lattice, or the version is older than these statistics.

    `columns` has those of the plan.
    """
    axes = [columns[name] for name in axes_of(plan)]
    value = columns[plan.value] if plan.value and plan.value not in axes_of(plan) else None
    read = axes if value is None else [*axes, value]
    if not all(_is_known(column) for column in read) or not all(map(_fits_lattice, axes)):
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


def axes_of(plan: compute_pb2.Plan) -> tuple[str, ...]:
    """The columns that say where a row lies, each once."""
    names = (plan.x.column,) if glyph_of(plan.glyph).is_flat else (plan.x.column, plan.y.column)
    return tuple(dict.fromkeys(names))


def has_place(value: float) -> bool:
    """Whether the lattice has a cell for a finite value."""
    return -MAX_COORDINATE <= value < MAX_COORDINATE


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


def _fits_lattice(column: ColumnInfo) -> bool:
    return all(has_place(bound) for bound in (column.min, column.max) if bound is not None)
