"""What a plan needs of a table's columns, with the refusal of each that does not fit."""

import math
from collections.abc import Collection

from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.codes import Accumulator
from halftone_views.columns import ESTIMATED_FROM, ColumnInfo, Table
from halftone_views.lattice.bins import MOST_BINS
from halftone_views.lattice.steps import require_steps
from halftone_views.lattice.transform import Transform
from halftone_views.transforms.linear import LINEAR

NUMERIC = ("number", "time")
# Columns whose rows lie somewhere on an axis, be it on its steps.
PLACED = (*NUMERIC, "category")
# Different whole numbers that ingest lists as the labels of a column.
MAX_LABELS = 256
_SORTS = {"number": "numbers", "time": "times", "category": "a category", "text": "text"}


def require_column(
    table: Table, name: str, accepts: tuple[str, ...], field: str, needed: str | None = None
) -> ColumnInfo:
    """The named column. Raises `unknown_column`, or `unsupported_type` when it is of another type."""
    column = table.columns.get(name)
    if column is None:
        raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=field)
    if column.type not in accepts:
        detail = f"A {needed or ' or '.join(accepts)} column is needed here, and {name} is {_SORTS[column.type]}."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, field)
    return column


def require_value(table: Table, name: str, accumulators: Collection[Accumulator], field: str) -> ColumnInfo:
    """The named column, of which these accumulators are gathered.

    Raises as `require_column`; `unsupported_type` for what would be rounded: of whole numbers from 2**53 on sums that
    leave int64, and spreads.
    """
    column = require_column(table, name, NUMERIC, field)
    is_rounded = compute_pb2.ACCUMULATOR_MOMENTS in accumulators or (
        compute_pb2.ACCUMULATOR_ADD in accumulators and not column.sums_fit(table.rows)
    )
    if is_rounded and not column.is_exact:
        detail = f"{name} holds whole numbers from 2**53 on, of which this number would be rounded."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, field)
    return column


def require_sums(table: Table, column: ColumnInfo, field: str) -> None:
    """Raises `unsupported_type` for whole numbers of which a sum may leave int64: it would be rounded when shown."""
    if column.is_whole and not column.sums_fit(table.rows):
        detail = f"A sum of {column.name} may pass 2**63, from where on it would be rounded; its mean can be shown."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, field)


def axis(
    table: Table,
    name: str,
    field: str,
    transform: Transform = LINEAR,
    transform_field: str = "",
    accepts: tuple[str, ...] = NUMERIC,
) -> compute_pb2.Axis:
    """An axis of a column of one of the accepted types. Raises as `require_column`; whole numbers from 2**53 on are
    refused, too many categories, and with `transform_field` a column of a type that the transform does not take.
    """
    column = require_column(table, name, accepts, field)
    if not column.is_exact:
        raise HalftoneError(
            ErrorCode.UNSUPPORTED_TYPE, f"{name} holds whole numbers from 2**53 on, which cannot be an axis.", field
        )
    if column.type not in transform.accepts:
        takes = " and ".join(_SORTS[each] for each in transform.accepts)
        detail = f"{transform.label} is for {takes}, and {name} is {_SORTS[column.type]}."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, transform_field)
    if transform.has_steps:
        require_steps(column, transform, field)
    return compute_pb2.Axis(column=name, transform=transform.code)


def require_width(column: ColumnInfo, transform: Transform, width: float, field: str) -> None:
    """Raises HalftoneError for bins that an axis can not have: 0 stands for none, and may be."""
    if width == 0:
        return
    if transform.has_steps:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "Steps have no width.", field)
    bounds = [bound for bound in (column.min, column.max) if bound is not None and transform.has_place(bound)]
    furthest = max((abs(transform.forward(bound)) for bound in bounds), default=0.0)
    if not 0 < width < math.inf or furthest / width >= MOST_BINS:
        detail = f"Bins of {column.name} are so narrow that no number tells them apart."
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, detail, field)


def require_category(table: Table, name: str, field: str) -> ColumnInfo:
    """The named column, whose values are categories: a category, or whole numbers that are listed as labels.

    Raises `unknown_column`; `too_many_categories` for whole numbers of more values, `unsupported_type` for the rest.
    """
    column = require_column(table, name, ("category", "number"), field, needed="category")
    if column.type == "category" or column.categories:
        return column
    if not column.dtype.startswith(("int", "uint")):
        detail = f"{name} holds numbers with fractions: only a category or few whole numbers can be counted by."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, field)
    if column.distinct <= MAX_LABELS:
        detail = f"The values of {name} are not listed as categories in this version: import it again."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, field)
    about = "about " if column.distinct >= ESTIMATED_FROM else ""
    detail = f"{name} has {about}{column.distinct:,} different values; a category may have {MAX_LABELS}."
    raise HalftoneError(ErrorCode.TOO_MANY_CATEGORIES, detail, field)
