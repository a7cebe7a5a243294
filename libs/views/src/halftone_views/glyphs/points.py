"""Points: a row falls into the cell of its x and y."""

from halftone.v1 import compute_pb2

from halftone_views.glyph import ALL_ACCUMULATORS, Glyph

POINTS = Glyph(
    code=compute_pb2.GLYPH_POINTS,
    axes=2,
    accumulators=ALL_ACCUMULATORS,
    by_category=True,
)
