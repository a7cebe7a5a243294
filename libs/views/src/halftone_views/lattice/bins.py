"""Bins of a width: where each begins, which one holds a place, and a viewport of whole ones.

Bin `i` reaches from `i * width` to `(i + 1) * width`, the upper end left out. On an axis with a width it is the cell
from `i` to `i + 1`, in whose middle its rows lie, as those of steps do: so no rounding moves a row over an edge.
"""

import math
from dataclasses import replace
from fractions import Fraction

from halftone_views.lattice.cells import level_for
from halftone_views.lattice.viewport import MAX_SIDE, Viewport

# From here on a float64 does not hold the middles of bins.
MOST_BINS = 2.0**51
_EXACT = 2**53


def terms_of(width: float) -> tuple[float, float]:
    """(numerator, denominator) of a width as it is written: 0.1 is one tenth, though no float64 is. Edges of bins are
    `i * numerator / denominator` in float64, so that the edge of six tenths is 0.6.
    """
    written = Fraction(repr(width))
    if max(written.numerator, written.denominator) < _EXACT:
        return float(written.numerator), float(written.denominator)
    return width, 1.0


def middle_of_bin(place: float, numerator: float, denominator: float) -> float:
    """`i + 0.5` of the bin that holds a place; NaN for NaN, and from bin `MOST_BINS` on. A function of float64 numbers
    and `math` alone, because compute compiles it.
    """
    about = place / (numerator / denominator)
    if not abs(about) < MOST_BINS:
        return math.nan
    index = float(math.floor(about))
    while (index + 1.0) * numerator / denominator <= place:
        index += 1.0
    while index * numerator / denominator > place:
        index -= 1.0
    return index + 0.5


def bins_around(low: float, high: float, width: float) -> tuple[float, float]:
    """The first bin and the one behind the last of a half-open interval of places."""
    terms = terms_of(width)
    last = middle_of_bin(math.nextafter(high, -math.inf), *terms)
    return middle_of_bin(low, *terms) - 0.5, last + 0.5


def on_bins(viewport: Viewport, most: int, *, has_width: bool) -> Viewport:
    """The viewport with at most so many cells across (0: as many as it has). Where its axis has a width it is widened
    to whole bins, each a cell, or 2, 4, 8… of them together where there is no room.
    """
    if most:
        viewport = replace(viewport, width=min(most, viewport.width))
    if not has_width:
        return viewport
    exponent = max(0, level_for(viewport)[0])
    first, last = _around(viewport, exponent)
    if last - first > MAX_SIDE:
        exponent += 1
        first, last = _around(viewport, exponent)
    x0, x1 = math.ldexp(first, exponent), math.ldexp(last, exponent)
    return replace(viewport, x0=x0, x1=x1, width=last - first)


def _around(viewport: Viewport, exponent: int) -> tuple[int, int]:
    return math.floor(math.ldexp(viewport.x0, -exponent)), math.ceil(math.ldexp(viewport.x1, -exponent))
