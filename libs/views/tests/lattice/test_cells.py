"""Cells and levels in exact arithmetic: every claim is checked with fractions, from subnormal to enormous extents."""

import math
from fractions import Fraction

from halftone_views.lattice import (
    MAX_COORDINATE,
    MIN_EXPONENT,
    Viewport,
    cell_of,
    level_for,
)
from hypothesis import example, given
from hypothesis import strategies as st
from views_rig.lattice import coordinates, intervals, sides, size


@given(intervals(), sides)
@example((0.0, 256.0), 256)
@example((0.0, 5e-324), 1)
@example((-MAX_COORDINATE, MAX_COORDINATE), 1)
@example((1e16, 1e16 + 2), 4096)
@example((-1e-300, 1e300), 4096)
def test_cells_are_one_to_two_pixels_unless_floats_are_coarser(interval: tuple[float, float], pixels: int) -> None:
    low, high = interval
    e, _ = level_for(Viewport(low, high, 0, 1, pixels, 1))
    pixel = (Fraction(high) - Fraction(low)) / pixels
    gap = Fraction(math.ulp(max(abs(low), abs(high))))
    assert size(e) >= pixel
    assert size(e) >= gap
    assert e >= MIN_EXPONENT
    # It is the finest of all that satisfy these.
    finer = size(e - 1)
    assert finer < pixel or finer < gap or e == MIN_EXPONENT


def test_axes_have_their_own_exponents() -> None:
    assert level_for(Viewport(0, 1024, 0, 1, 1024, 512)) == (0, -9)
    assert level_for(Viewport(0, 1025, 0, 1, 1024, 513)) == (1, -9)
    assert level_for(Viewport(0, 1e6, -3, 3, 1000, 600)) == (10, -6)


@given(coordinates, st.integers(-1074, 1010))
@example(-5e-324, 1000)
@example(-0.0, 3)
def test_the_cell_of_a_number_is_the_exact_floor(value: float, e: int) -> None:
    index = cell_of(value, e)
    assert index * size(e) <= Fraction(value) < (index + 1) * size(e)
