"""How much of one axis a view opens with: nearly all values, so that a few distant ones do not leave it empty."""

from halftone_views.columns import ColumnInfo
from halftone_views.lattice.extents import covering

# The whole of an axis is shown when nearly all values fill at least this share of it.
_FULL = 0.9


def opening(column: ColumnInfo) -> tuple[float, float]:
    """The half-open interval of the 0.5 % to the 99.5 % quantile; of all values where the others take little room,
    where the quantiles are one value, or where they are not known.
    """
    whole = covering(column.min, column.max)
    if column.typical_min is None or not has_spread(column):
        return whole
    typical = covering(column.typical_min, column.typical_max)
    return whole if _length(typical) >= _FULL * _length(whole) else typical


def has_spread(column: ColumnInfo) -> bool:
    """Whether values differ: not all, and not nearly all of them, are the same. False without a value."""
    if column.min is None or column.max is None or column.min >= column.max:
        return False
    if column.typical_min is None or column.typical_max is None:
        return True
    return column.typical_min < column.typical_max


def _length(interval: tuple[float, float]) -> float:
    low, high = interval
    return high - low
