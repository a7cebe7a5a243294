"""Which columns a table opens with, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from halftone_views.columns import ColumnInfo
from halftone_views.default_view.names import is_identifier, is_map, map_pair, plain_pair, words_of
from halftone_views.default_view.opening import has_spread, opening
from halftone_views.lattice.extents import FLAT

# Fewer rows are no evidence that whole numbers in a row only count the rows.
_LEAST_ROWS = 5
_NEARLY_ALL = 0.95
# Whole numbers that rise by one and still measure something.
_MEASURED = frozenset({"t", "time", "timestamp", "epoch", "seconds", "step", "frame", "year", "day", "hour", "minute"})


@dataclass(frozen=True, slots=True)
class DefaultView:
    """What a table opens with: the kind, the names of its axes, and the half-open box that it shows of them.

    A histogram has no `y`; its box goes from 0 to 1 there. `equal_aspect`: a step is as long on both axes, as on a map.
    """

    kind: Literal["points", "histogram"]
    x: str
    y: str | None
    x_min: float
    x_max: float
    y_min: float
    y_max: float
    equal_aspect: bool = False


def default_view(columns: Sequence[ColumnInfo], rows: int) -> DefaultView | None:
    """Longitude and latitude; else a time and the number with the most different values; else the two best numbers;
    else the distribution of the only column there is. None when no column can be an axis.

    Identifiers, row numbers and columns of one value are taken only where there is nothing else.
    """
    usable = [column for column in columns if can_be_axis(column)]
    chosen = _chosen([column for column in usable if _tells(column, rows)]) or _chosen(usable)
    if chosen is None:
        return None
    x, y = chosen
    if y is None:
        return DefaultView("histogram", x.name, None, *opening(x), *FLAT)
    return DefaultView("points", x.name, y.name, *opening(x), *opening(y), equal_aspect=is_map(x, y))


def can_be_axis(column: ColumnInfo) -> bool:
    """Whether a row can have a place on this column: numbers and times with a value, which float64 holds exactly."""
    return column.type in ("number", "time") and column.min is not None and column.is_exact


def _chosen(columns: Sequence[ColumnInfo]) -> tuple[ColumnInfo, ColumnInfo | None] | None:
    pair = map_pair(columns) or _time_and_number(columns) or plain_pair(columns) or _two_best(columns)
    if pair is not None:
        return pair
    return (columns[0], None) if columns else None


def _time_and_number(columns: Sequence[ColumnInfo]) -> tuple[ColumnInfo, ColumnInfo] | None:
    times = [column for column in columns if column.type == "time"]
    numbers = [column for column in columns if column.type == "number"]
    return (times[0], max(numbers, key=_different)) if times and numbers else None


def _two_best(columns: Sequence[ColumnInfo]) -> tuple[ColumnInfo, ColumnInfo] | None:
    """The two with the most different values, in the order of the table."""
    if len(columns) < 2:
        return None
    best = sorted(columns, key=_different, reverse=True)[:2]
    x, y = (column for column in columns if column in best)
    return x, y


def _different(column: ColumnInfo) -> int:
    return column.distinct


def _tells(column: ColumnInfo, rows: int) -> bool:
    """Whether a picture of the column says something: it is no identifier, no row number, and not one value."""
    return has_spread(column) and not is_identifier(column.name) and not _counts_rows(column, rows)


def _counts_rows(column: ColumnInfo, rows: int) -> bool:
    """Whether its values are nearly all different whole numbers that rise by one."""
    if not column.dtype.startswith(("int", "uint")) or column.min is None or column.max is None:
        return False
    if not _MEASURED.isdisjoint(words_of(column.name)):
        return False
    values = rows - column.nulls - column.unreadable
    steps = column.max - column.min + 1
    return values >= _LEAST_ROWS and min(column.distinct, steps) >= _NEARLY_ALL * max(values, steps)
