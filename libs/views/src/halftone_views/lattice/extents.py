"""Extents in data units: half-open boxes, and intervals that cover data."""

import math

# Data units. Beyond it the upper edge of a tile could be no float64.
MAX_COORDINATE = 2.0**1000

# (x0, x1, y0, y1)
Extent = tuple[float, float, float, float]

# The interval of y where the glyph has none.
FLAT = (0.0, 1.0)


def padded(extent: Extent, share: float) -> Extent:
    """The extent with a share of each side's length added at both of its ends, within the coordinates allowed."""
    x0, x1, y0, y1 = extent
    return *_padded(x0, x1, share), *_padded(y0, y1, share)


def covering(low: float | None, high: float | None) -> tuple[float, float]:
    """The half-open interval that holds `low` to `high`: the next float64 above `high` is its end.

    None (no finite value) gives 0 to 1; a single value lies in the middle of an interval around it.
    """
    if low is None or high is None:
        return FLAT
    low, high = (max(-MAX_COORDINATE, min(MAX_COORDINATE, bound)) for bound in (low, high))
    if low == high:
        half = max(0.5, abs(low) * 2.0**-20)
        low, high = low - half, high + half
    return max(low, -MAX_COORDINATE), min(math.nextafter(high, math.inf), MAX_COORDINATE)


def _padded(low: float, high: float, share: float) -> tuple[float, float]:
    margin = (high - low) * share
    return max(low - margin, -MAX_COORDINATE), min(high + margin, MAX_COORDINATE)
