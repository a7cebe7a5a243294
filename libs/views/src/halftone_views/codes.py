"""Types of the schema's enums, for annotations."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from halftone.v1 import compute_pb2, frame_pb2

GlyphCode: TypeAlias = "compute_pb2.Glyph.ValueType"
TransformCode: TypeAlias = "compute_pb2.Transform.ValueType"
Accumulator: TypeAlias = "compute_pb2.Accumulator.ValueType"
Finisher: TypeAlias = "frame_pb2.Finisher.ValueType"
Empty: TypeAlias = "frame_pb2.Empty.ValueType"
Role: TypeAlias = "frame_pb2.PlaneRole.ValueType"
