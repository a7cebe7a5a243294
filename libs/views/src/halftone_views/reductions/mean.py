"""Mean: the sum of the values over their number."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

MEAN = Reduction(
    name="mean",
    label="Mean",
    order=30,
    accumulators=(compute_pb2.ACCUMULATOR_ADD,),
    finisher=frame_pb2.FINISHER_RATIO,
    planes=(frame_pb2.PLANE_ROLE_SUM,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
