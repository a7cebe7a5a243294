"""Logarithmic axes: decades are equally long, and what is not above 0 has no place."""

import math

import pytest
from halftone_views.transforms.log10 import LOG10


def test_powers_of_ten_lie_at_whole_numbers() -> None:
    assert [LOG10.forward(10.0**power) for power in range(-5, 23)] == list(range(-5, 23))
    assert LOG10.inverse(3.0) == 1000.0


@pytest.mark.parametrize("value", [0.0, -0.0, -1.0, math.inf, -math.inf, math.nan])
def test_what_is_not_above_0_and_finite_has_no_place(value: float) -> None:
    assert math.isnan(LOG10.forward(value))
    assert not LOG10.has_place(value)


def test_the_ends_are_the_least_and_the_greatest_number() -> None:
    assert LOG10.inverse(-400.0) == math.nextafter(0.0, 1.0) == LOG10.low
    assert LOG10.inverse(400.0) == LOG10.high < math.inf
    assert LOG10.forward(LOG10.low) == pytest.approx(-323.306, abs=1e-3)
