"""The pair of columns that the rows of a version are ordered by. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from halftone_views.default_view import default_view, is_map, opening

from halftone_compute.store.index import LEAF_ROWS

if TYPE_CHECKING:
    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.manifest import Manifest

    Interval = tuple[float, float]

# The picture that levels are chosen for, in pixels: stored levels fit it as they are, others are made of them.
_WIDTH, _HEIGHT = 4, 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Square levels are (k + offset, k): cells of 2^(k + offset) of `x` by 2^k of `y`."""

    x: str
    y: str
    offset: int


def pair_of(manifest: Manifest) -> Pair | None:
    """The axes of the default view; None for few rows, or when there are no two axes."""
    columns = [column.info for column in manifest.columns]
    view = default_view(columns, manifest.rows)
    if view is None or view.y is None or manifest.rows <= LEAF_ROWS:
        return None
    by_name = {column.name: column for column in columns}
    x, y = by_name[view.x], by_name[view.y]
    return Pair(view.x, view.y, 0 if is_map(x, y) else offset_of(x, y))


def offset_of(x: ColumnInfo, y: ColumnInfo) -> int:
    """How much longer a pixel is on x than on y in the picture that a view opens with: a power of two, rounded down."""
    return offset_between(opening(x), opening(y))


def offset_between(x: Interval, y: Interval) -> int:
    """The same of the intervals that a view opens with, in units of the axes."""
    (x0, x1), (y0, y1) = x, y
    ratio = (Fraction(x1) - Fraction(x0)) * _HEIGHT / ((Fraction(y1) - Fraction(y0)) * _WIDTH)
    # The bit lengths place it between 2**(exponent - 1) and 2**(exponent + 1).
    exponent = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return exponent if ratio >= Fraction(2) ** exponent else exponent - 1
