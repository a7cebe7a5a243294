"""Factors of the finest levels and narrowest ranges: exact, and never infinite."""

import math
from fractions import Fraction

import pytest
from halftone_compute.backends.lift import LIFT, lift_of_level, lift_of_range, per_unit
from halftone_views.lattice import MAX_EXPONENT, MIN_EXPONENT


@pytest.mark.parametrize("exponent", [MIN_EXPONENT, -1001, -1000, 0, MAX_EXPONENT])
def test_lifted_coordinates_have_exact_cells(exponent: int) -> None:
    assert Fraction(lift_of_level(exponent)) * Fraction(per_unit(exponent)) == Fraction(2) ** -exponent


def test_a_range_is_lifted_when_its_factor_would_overflow() -> None:
    assert lift_of_range(0, 1e-306) == lift_of_range(-5e-324, 0) == LIFT
    assert lift_of_range(0, 1e-200) == lift_of_range(-(2.0**1000), 2.0**1000) == 1.0
    assert math.isfinite(4096 / (1e-306 * LIFT))
