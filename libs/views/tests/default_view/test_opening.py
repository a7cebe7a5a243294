"""How much of an axis is shown at first."""

import math

import pytest
from halftone_views.columns import ColumnInfo
from halftone_views.default_view import opening, whole_of
from halftone_views.default_view.opening import has_spread
from halftone_views.transforms.log10 import LOG10
from halftone_views.transforms.mercator import MERCATOR


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


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (ColumnInfo("a", "number", "double", 1e-3, 1e4), (-3, 4)),
        (ColumnInfo("a", "number", "double", -5, 1e4, least_positive=1e-2), (-2, 4)),
        # Of a version that does not know its least value above 0.
        (ColumnInfo("a", "number", "int16", 0, 1000), (0, 3)),
        (ColumnInfo("a", "number", "double", 0, 1000), (-3, 3)),
        # Beyond what a linear axis has places for.
        (ColumnInfo("a", "number", "double", 1e-300, 1e306), (-300, 306)),
    ],
)
def test_a_logarithmic_axis_begins_at_the_least_value_above_0(column: ColumnInfo, expected: tuple[int, int]) -> None:
    assert whole_of(column, LOG10) == pytest.approx(expected)


def test_a_logarithmic_axis_opens_with_nearly_all_values() -> None:
    column = ColumnInfo("a", "number", "double", 1e-9, 1e4, typical_min=1, typical_max=100)
    assert opening(column, LOG10) == pytest.approx((0, 2))
    # Quantiles that have no place: from the least value above 0 on.
    column = ColumnInfo("a", "number", "double", -9, 1e6, typical_min=0, typical_max=100, least_positive=10)
    assert opening(column, LOG10) == pytest.approx((1, 2))


def test_an_axis_without_a_value_that_has_a_place_opens_with_room() -> None:
    assert whole_of(ColumnInfo("a", "number", "double", -9, -3), LOG10) == (0, 1)
    assert whole_of(ColumnInfo("a", "number", "double", -9, 0), LOG10) == (0, 1)
    assert whole_of(ColumnInfo("a", "number", "double"), LOG10) == (0, 1)
    assert whole_of(ColumnInfo("a", "number", "double", 86, 90), MERCATOR) == (0, 1)


def test_a_map_ends_at_its_last_latitude() -> None:
    assert whole_of(ColumnInfo("a", "number", "double", -90, 0), MERCATOR) == pytest.approx((-180, 0))
