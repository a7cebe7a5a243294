"""A glyph: how rows fall into cells, and what a plan may ask of it. One glyph is one file of `glyphs/`."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from halftone.v1 import compute_pb2

from halftone_views.codes import Accumulator, GlyphCode
from halftone_views.scan import items_of

# What engines gather, each also by category.
ALL_ACCUMULATORS: frozenset[Accumulator] = frozenset(compute_pb2.Accumulator.values()) - {
    compute_pb2.ACCUMULATOR_UNSPECIFIED
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """`axes` is 2 for cells of x and y, 1 for one row of cells of x.

    `code` is its number on the wire, `accumulators` are those that a plan may ask for, and `by_category` says whether
    it may ask for them by category.
    """

    code: GlyphCode
    axes: Literal[1, 2]
    accumulators: frozenset[Accumulator]
    by_category: bool

    @property
    def is_flat(self) -> bool:
        """Whether there is one row of cells: y is not used, and pieces are one cell high."""
        return self.axes == 1


def glyph_of(code: GlyphCode) -> Glyph:
    """The glyph of a number on the wire. Raises `KeyError` when there is none."""
    return glyphs()[code]


@cache
def glyphs() -> dict[GlyphCode, Glyph]:
    """Every glyph by its number. Raises `TypeError` for an unsound file or a number that is taken."""
    return by_code(items_of("halftone_views.glyphs", Glyph))


def by_code(found: Iterable[Glyph]) -> dict[GlyphCode, Glyph]:
    """Glyphs by number. Raises `TypeError` for a number that is taken."""
    known: dict[GlyphCode, Glyph] = {}
    for glyph in found:
        if known.setdefault(glyph.code, glyph) is not glyph:
            raise TypeError(f"two glyphs have the number {glyph.code}")
    return known
