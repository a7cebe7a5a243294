"""Bins of a width: edges as they are written, the bin of a place, and viewports of whole bins."""

import math

import numpy as np
import pytest
from halftone_views.lattice import MAX_SIDE, Viewport
from halftone_views.lattice.bins import MOST_BINS, bins_around, middle_of_bin, on_bins, terms_of
from hypothesis import given
from hypothesis import strategies as st

WIDTHS = (0.1, 0.25, 0.3, 1.0, 3.0, 300e6, 1e-7, 123456.789)


@pytest.mark.parametrize(
    ("width", "terms"), [(0.1, (1, 10)), (2.5, (5, 2)), (300e6, (300e6, 1)), (1e-300, (1e-300, 1)), (1e300, (1e300, 1))]
)
def test_a_width_is_what_is_written(width: float, terms: tuple[float, float]) -> None:
    assert terms_of(width) == terms


def test_the_edge_of_six_tenths_is_that_of_a_person() -> None:
    assert [middle_of_bin(at, 1.0, 10.0) for at in (0.6, math.nextafter(0.6, 0), 0.7, -0.1)] == [6.5, 5.5, 7.5, -0.5]
    # The quotient is rounded to a whole number from above, and from below.
    assert middle_of_bin(math.nextafter(0.3, 0), 1.0, 10.0) == 2.5
    assert middle_of_bin(math.nextafter(9.0, 0), 3.0, 1.0) == 2.5
    assert middle_of_bin(math.nextafter(1.8, 0), 3.0, 5.0) == 2.5


@pytest.mark.parametrize("place", [math.nan, math.inf, -math.inf, MOST_BINS, -MOST_BINS])
def test_what_lies_nowhere_or_too_far_has_no_bin(place: float) -> None:
    assert math.isnan(middle_of_bin(place, 1.0, 1.0))


@given(st.sampled_from(WIDTHS), st.lists(st.integers(-400, 400), min_size=1), st.data())
def test_bins_are_those_of_a_histogram_with_these_edges(width: float, bins: list[int], data: st.DataObject) -> None:
    numerator, denominator = terms_of(width)
    at = [bin_ * numerator / denominator for bin_ in bins]
    beside = data.draw(st.lists(st.sampled_from((-math.inf, 0.0, math.inf)), min_size=len(at), max_size=len(at)))
    values = [value if not side else math.nextafter(value, side) for value, side in zip(at, beside, strict=True)]
    values += data.draw(st.lists(st.floats(-399 * width, 399 * width)))
    expected, _ = np.histogram(values, np.arange(-401, 402) * numerator / denominator)
    found = [math.floor(middle_of_bin(value, numerator, denominator)) for value in values]
    np.testing.assert_array_equal(np.bincount(np.array(found) + 401, minlength=802), expected)


def test_an_interval_is_widened_to_whole_bins() -> None:
    assert bins_around(-3.0, 10.0, 5.0) == (-1.0, 2.0)
    assert bins_around(0.0, math.nextafter(10.0, 11.0), 5.0) == (0.0, 3.0)


def view(x0: float, x1: float, width: int) -> Viewport:
    return Viewport(x0, x1, 0.0, 1.0, width, 1)


def test_a_viewport_has_whole_bins_or_two_four_eight_of_them() -> None:
    assert on_bins(view(0.5, 9.5, 100), 0, has_width=True) == view(0.0, 10.0, 10)
    assert on_bins(view(0.5, 9.5, 100), 4, has_width=True) == view(0.0, 12.0, 3)
    assert on_bins(view(-7.5, 1e6, 1000), 0, has_width=True) == view(-1024.0, 1000448.0, 978)
    # Cut bins at both ends are no reason for more than a side has.
    assert on_bins(view(0.5, MAX_SIDE + 0.5, MAX_SIDE), 0, has_width=True) == view(0.0, MAX_SIDE + 2.0, 2049)


def test_without_a_width_there_are_at_most_so_many_cells() -> None:
    assert on_bins(view(0.5, 9.5, 100), 40, has_width=False) == view(0.5, 9.5, 40)
    assert on_bins(view(0.5, 9.5, 30), 40, has_width=False) == view(0.5, 9.5, 30)
    assert on_bins(view(0.5, 9.5, 30), 0, has_width=False) == view(0.5, 9.5, 30)
