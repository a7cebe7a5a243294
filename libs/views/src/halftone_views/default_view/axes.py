"""The column of an axis that a person did not choose, and why there is none."""

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.columns import ColumnInfo, Table
from halftone_views.default_view.choose import can_be_axis, default_view

_AXIS_TYPES = ("number", "time")
# Columns whose reasons are given when none can be an axis.
_NAMED = 5


def default_axis(table: Table, field: str, besides: str | None = None) -> str:
    """The column of the default view, another where that is `besides`, and `besides` itself where it is the only one.

    A column without a value is taken only when no other can be an axis. Raises `param_invalid`, with the reason, when
    no column can.
    """
    names = [*_preferred(table, field), *_able(table)]
    if not names:
        raise HalftoneError(ErrorCode.PARAM_INVALID, _reason(table), field)
    return next((name for name in names if name != besides), names[0])


def _preferred(table: Table, field: str) -> list[str]:
    view = default_view(list(table.columns.values()), table.rows)
    if view is None:
        return []
    names = [view.x] if view.y is None else [view.x, view.y]
    return names[::-1] if field == "y" else names


def _able(table: Table) -> list[str]:
    """Those with a value first."""
    exact = [column for column in table.columns.values() if column.type in _AXIS_TYPES and column.is_exact]
    with_value = [column.name for column in exact if can_be_axis(column)]
    return with_value or [column.name for column in exact]


def _reason(table: Table) -> str:
    columns = list(table.columns.values())
    if not columns:
        return "This table has no columns that can be read."
    reasons = "; ".join(_refusal(column) for column in columns[:_NAMED])
    more = len(columns) - _NAMED
    return f"No column can be an axis: {reasons}{f'; and {more} more' if more > 0 else ''}."


def _refusal(column: ColumnInfo) -> str:
    if column.type in _AXIS_TYPES:
        return f"{column.name} holds whole numbers from 2**53 on"
    return f"{column.name} is {'text' if column.type == 'text' else 'a category'}"
