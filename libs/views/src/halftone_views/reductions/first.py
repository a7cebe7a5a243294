"""First: the value of the row that comes first in the file."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

FIRST = Reduction(
    name="first",
    label="First",
    order=80,
    accumulators=(compute_pb2.ACCUMULATOR_FIRST,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_FIRST,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
