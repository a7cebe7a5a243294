"""Minimum: the least value."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

MIN = Reduction(
    name="min",
    label="Minimum",
    order=40,
    accumulators=(compute_pb2.ACCUMULATOR_MIN,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_MIN,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
