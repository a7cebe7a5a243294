"""Pairs of columns that the rows of a version are ordered by."""

from collections.abc import Mapping, Sequence
from typing import Any

from halftone_servicekit.errors import ErrorCode, HalftoneError

from analytics.models import Version

# As many rows, or fewer, are one leaf of an index: they stay in the order of the file.
LEAF_ROWS = 65_536
_AXIS_TYPES = ("COLUMN_TYPE_NUMBER", "COLUMN_TYPE_TIME")


def check(columns: Sequence[Mapping[str, Any]], pair: Mapping[str, str], field: str) -> None:
    """Whether rows can be ordered by these columns, of proto3 JSON.

    Raises `param_invalid`; its field is `field` and the axis.
    """
    by_name = {column["name"]: column for column in columns}
    for axis in ("x", "y"):
        column = by_name.get(pair[axis])
        if column is None:
            reason = "There is no such column."
        elif column["type"] not in _AXIS_TYPES:
            reason = "Rows are ordered by columns of numbers or times."
        elif "min" not in column:
            reason = "This column has no value."
        else:
            continue
        raise HalftoneError(ErrorCode.PARAM_INVALID, reason, field=f"{field}{axis}")


def wish_of(pair: Mapping[str, str], newest: Version | None) -> dict[str, Any] | None:
    """What an import orders rows by: what a person wants, else the pair of the version before where it fits. None: the
    axes of the default view.
    """
    if pair:
        return {**pair, "firm": True}
    return {**newest.pair, "firm": False} if newest is not None and newest.pair else None
