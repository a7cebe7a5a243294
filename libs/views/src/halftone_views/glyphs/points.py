"""Points: a row falls into the cell of its x and y."""

from halftone.v1 import compute_pb2

from halftone_views.glyph import Glyph

POINTS = Glyph(
    code=compute_pb2.GLYPH_POINTS,
    axes=2,
    accumulators=frozenset(
        {
            compute_pb2.ACCUMULATOR_COUNT,
            compute_pb2.ACCUMULATOR_VALID,
            compute_pb2.ACCUMULATOR_ADD,
            compute_pb2.ACCUMULATOR_MIN,
            compute_pb2.ACCUMULATOR_MAX,
            compute_pb2.ACCUMULATOR_MOMENTS,
        }
    ),
    by_category=True,
)
