"""How much of one axis a view opens with: nearly all values, so that a few distant ones do not leave it empty."""

from halftone_views.columns import ColumnInfo
from halftone_views.lattice.extents import covering
from halftone_views.lattice.steps import step_count
from halftone_views.lattice.transform import Transform
from halftone_views.transforms.linear import LINEAR

# The whole of an axis is shown when nearly all values fill at least this share of it.
_FULL = 0.9
# How far below the greatest value a logarithmic axis begins where nothing tells the least value above 0.
_DECADES = 1e-6

Interval = tuple[float, float]


def opening(column: ColumnInfo, transform: Transform = LINEAR) -> Interval:
    """The half-open interval of the 0.5 % to the 99.5 % quantile, in units of the axis; of all values where the others
    take little room, where the quantiles are one value, or where they are not known, and of all steps.
    """
    whole = whole_of(column, transform)
    if transform.has_steps or column.typical_min is None or not has_spread(column):
        return whole
    typical = _covering(column, transform, column.typical_min, column.typical_max)
    return whole if _length(typical) >= _FULL * _length(whole) else typical


def whole_of(column: ColumnInfo, transform: Transform = LINEAR) -> Interval:
    """The half-open interval, in units of the axis, of all values that have a place; 0 to 1 without one.

    On a logarithmic axis it may leave out the least values of a version that does not know its least value above 0.
    """
    if transform.has_steps:
        return 0.0, float(step_count(column, transform))
    return _covering(column, transform, column.min, column.max)


def has_spread(column: ColumnInfo) -> bool:
    """Whether values differ: not all, and not nearly all of them, are the same. False without a value."""
    if column.min is None or column.max is None or column.min >= column.max:
        return False
    if column.typical_min is None or column.typical_max is None:
        return True
    return column.typical_min < column.typical_max


def _covering(column: ColumnInfo, transform: Transform, low: float | None, high: float | None) -> Interval:
    if low is None or high is None:
        return covering(None, None)
    if transform.low > 0.0 >= low:
        low = _least_positive(column, high)
    low, high = max(transform.low, low), min(transform.high, high)
    return covering(transform.forward(low), transform.forward(high)) if low <= high else covering(None, None)


def _least_positive(column: ColumnInfo, high: float) -> float:
    """The least value above 0, or a guess: 1 for whole numbers, else six decades below `high`."""
    if column.least_positive is not None:
        return column.least_positive
    return 1.0 if column.dtype.startswith(("int", "uint")) else high * _DECADES


def _length(interval: Interval) -> float:
    low, high = interval
    return high - low
