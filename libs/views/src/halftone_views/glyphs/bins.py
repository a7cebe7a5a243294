"""Bins: a row falls into the cell of its x."""

from halftone.v1 import compute_pb2

from halftone_views.glyph import ALL_ACCUMULATORS, Glyph

BINS = Glyph(
    code=compute_pb2.GLYPH_BINS,
    axes=1,
    accumulators=ALL_ACCUMULATORS,
    by_category=True,
)
