"""Standard deviation: the square root of the variance."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

STD = Reduction(
    name="std",
    label="Standard deviation",
    order=60,
    accumulators=(compute_pb2.ACCUMULATOR_MOMENTS,),
    finisher=frame_pb2.FINISHER_DEVIATION,
    planes=(frame_pb2.PLANE_ROLE_SQUARES,),
    empty=frame_pb2.EMPTY_NO_VALUE,
)
