"""How much of an axis is shown at first."""

import math

import pytest
from halftone_views.columns import ColumnInfo
from halftone_views.default_view import opening
from halftone_views.default_view.opening import has_spread


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (ColumnInfo("a", "number", min=0, max=100, typical_min=5, typical_max=50), (5, 50)),
        # The rest costs less than a tenth of the picture.
        (ColumnInfo("a", "number", min=0, max=100, typical_min=5, typical_max=95.5), (0, 100)),
        # Nearly all are one value, or the quantiles are not known.
        (ColumnInfo("a", "number", min=0, max=100, typical_min=0, typical_max=0), (0, 100)),
        (ColumnInfo("a", "number", min=0, max=100), (0, 100)),
    ],
)
def test_opening(column: ColumnInfo, expected: tuple[float, float]) -> None:
    low, high = expected
    assert opening(column) == (low, math.nextafter(high, math.inf))


def test_no_value_and_one_value_open_with_room() -> None:
    assert opening(ColumnInfo("a", "number")) == (0, 1)
    low, high = opening(ColumnInfo("a", "number", min=7, max=7, typical_min=7, typical_max=7))
    assert low < 7 < high


def test_spread() -> None:
    assert not has_spread(ColumnInfo("a", "number"))
    assert not has_spread(ColumnInfo("a", "number", min=7, max=7))
    assert has_spread(ColumnInfo("a", "number", min=7, max=8))
