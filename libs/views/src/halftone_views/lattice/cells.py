"""Cells of one axis and their levels, in integers and exact fractions: cell `i` is `[i * 2**e, (i + 1) * 2**e)`."""

import math
from fractions import Fraction

from halftone_views.lattice.viewport import Viewport

# The gap between the smallest numbers: smaller cells could not tell numbers apart.
MIN_EXPONENT = -1074
MAX_EXPONENT = 1001


def level_for(viewport: Viewport) -> tuple[int, int]:
    """(ex, ey): the finest level whose cells are at least one pixel on each axis, so 1 to 2 pixels.

    A bound may make it coarser: a cell is at least as wide as the gap between neighbouring float64 numbers at the outer
    end of the extent. A smaller one could not tell rows apart.
    """
    ex = _exponent(viewport.x0, viewport.x1, viewport.width)
    ey = _exponent(viewport.y0, viewport.y1, viewport.height)
    return ex, ey


def cell_of(value: float, e: int) -> int:
    """The index of the cell of size `2**e` that holds a finite value: the exact floor."""
    numerator, denominator = value.as_integer_ratio()
    return numerator // (denominator << e) if e >= 0 else (numerator << -e) // denominator


def _exponent(low: float, high: float, pixels: int) -> int:
    pixel = (Fraction(high) - Fraction(low)) / pixels
    # The bit lengths place a pixel between 2**(e - 1) and 2**(e + 1), both left out.
    e = pixel.numerator.bit_length() - pixel.denominator.bit_length()
    if Fraction(2) ** e < pixel:
        e += 1
    gap = math.frexp(math.ulp(max(abs(low), abs(high))))[1] - 1
    return max(e, gap)
