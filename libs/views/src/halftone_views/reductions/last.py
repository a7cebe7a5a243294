"""Last: the value of the row that comes last in the file."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

LAST = Reduction(
    name="last",
    label="Last",
    order=90,
    accumulators=(compute_pb2.ACCUMULATOR_LAST,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_LAST,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
