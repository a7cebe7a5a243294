"""Glyphs: found by their number on the wire."""

import pytest
from halftone.v1 import compute_pb2
from halftone_views.glyph import Glyph, by_code, glyph_of, glyphs


def test_the_glyphs_of_the_package_are_found() -> None:
    assert {code: glyph.axes for code, glyph in glyphs().items()} == {
        compute_pb2.GLYPH_POINTS: 2,
        compute_pb2.GLYPH_BINS: 1,
    }
    assert not glyph_of(compute_pb2.GLYPH_POINTS).is_flat
    assert glyph_of(compute_pb2.GLYPH_BINS).is_flat
    with pytest.raises(KeyError):
        glyph_of(compute_pb2.GLYPH_UNSPECIFIED)


def test_a_number_is_that_of_one_glyph() -> None:
    made = [
        Glyph(code=compute_pb2.GLYPH_BINS, axes=axes, accumulators=frozenset(), by_category=False) for axes in (1, 2)
    ]
    with pytest.raises(TypeError, match="two glyphs have the number 2"):
        by_code(made)
