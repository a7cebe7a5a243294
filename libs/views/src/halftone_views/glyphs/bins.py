"""Bins: a row falls into the cell of its x; rows are counted and nothing else."""

from halftone.v1 import compute_pb2

from halftone_views.glyph import Glyph

BINS = Glyph(
    code=compute_pb2.GLYPH_BINS,
    axes=1,
    accumulators=frozenset({compute_pb2.ACCUMULATOR_COUNT}),
    by_category=False,
)
