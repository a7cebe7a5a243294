"""Viewports of every size, for tests of the lattice."""

import math
from fractions import Fraction

from halftone_views.lattice import MAX_COORDINATE, MAX_PIXELS, MAX_SIDE, Viewport
from hypothesis import assume
from hypothesis import strategies as st

coordinates = st.floats(-MAX_COORDINATE, MAX_COORDINATE, allow_nan=False)
sides = st.integers(1, MAX_SIDE)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[float, float]:
    """Any two different numbers, or one number and a near neighbour."""
    low = draw(coordinates)
    if draw(st.booleans()):
        high = draw(coordinates)
    else:
        high = math.nextafter(low, math.inf) if draw(st.booleans()) else low + abs(low) * 2.0**-40
    assume(low < high <= MAX_COORDINATE)
    return low, high


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    width, height = draw(sides), draw(sides)
    assume(width * height <= MAX_PIXELS)
    return Viewport(*draw(intervals()), *draw(intervals()), width, height)


def size(e: int) -> Fraction:
    return Fraction(2) ** e
