"""What a plan needs of a table's columns, with the refusal of each that does not fit."""

from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.columns import ColumnInfo, Table

NUMERIC = ("number", "time")


def require_column(table: Table, name: str, accepts: tuple[str, ...], field: str) -> ColumnInfo:
    """The named column. Raises `unknown_column`, or `unsupported_type` when it is of another type."""
    column = table.columns.get(name)
    if column is None:
        raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=field)
    if column.type not in accepts:
        needed = " or ".join(accepts)
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, f"A {needed} column is needed here, not {column.type}.", field)
    return column


def axis(table: Table, name: str, field: str) -> compute_pb2.Axis:
    """A linear axis of a number or time column. Raises as `require_column`; whole numbers from 2**53 on are refused."""
    column = require_column(table, name, NUMERIC, field)
    if not column.is_exact:
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "Whole numbers from 2**53 on cannot be an axis.", field)
    return compute_pb2.Axis(column=name, transform=compute_pb2.TRANSFORM_LINEAR)


def axis_column(table: Table, field: str, besides: str | None = None) -> str:
    """The first column that can be an axis. Raises `param_invalid` when there is none left."""
    for column in table.columns.values():
        if column.type in NUMERIC and column.is_exact and column.name != besides:
            return column.name
    raise HalftoneError(ErrorCode.PARAM_INVALID, f"No number or time column is left for {field}.", field)
