"""Types of the schema's enums, for annotations."""

from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from halftone.v1 import compute_pb2, frame_pb2

GlyphCode: TypeAlias = "compute_pb2.Glyph.ValueType"
TransformCode: TypeAlias = "compute_pb2.Transform.ValueType"
Accumulator: TypeAlias = "compute_pb2.Accumulator.ValueType"
Finisher: TypeAlias = "frame_pb2.Finisher.ValueType"
Empty: TypeAlias = "frame_pb2.Empty.ValueType"
StatisticKind: TypeAlias = "frame_pb2.StatisticKind.ValueType"
Role: TypeAlias = "frame_pb2.PlaneRole.ValueType"

# Of compute alone: the numbers in the file of the rows whose values FIRST and LAST are, by which these are joined. The
# schema has none of them, so that no plan of a gateway can name them, and no piece has their planes.
FIRST_ROW, LAST_ROW = (cast("Accumulator", code) for code in (1001, 1002))
FIRST_ROWS, LAST_ROWS = (cast("Role", code) for code in (1001, 1002))
# Likewise how early, and how late, the rows lie whose values EARLIEST and LATEST are.
EARLIEST_AT, LATEST_AT = (cast("Accumulator", code) for code in (1003, 1004))
EARLIEST_KEYS, LATEST_KEYS = (cast("Role", code) for code in (1003, 1004))
