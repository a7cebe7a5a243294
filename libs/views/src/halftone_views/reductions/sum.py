"""Sum: the sum of the values."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

SUM = Reduction(
    name="sum",
    label="Sum",
    order=20,
    accumulators=(compute_pb2.ACCUMULATOR_ADD,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_SUM,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    grows_with_area=True,
)
