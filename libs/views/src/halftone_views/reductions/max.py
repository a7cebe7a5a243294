"""Maximum: the greatest value."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

MAX = Reduction(
    name="max",
    label="Maximum",
    order=50,
    accumulators=(compute_pb2.ACCUMULATOR_MAX,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_MAX,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
