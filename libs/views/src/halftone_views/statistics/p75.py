"""75th percentile: the least value that at least 75 % of the values do not exceed."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

P75 = Reduction(
    name="p75",
    label="75th percentile",
    order=222,
    accumulators=(compute_pb2.ACCUMULATOR_MIN,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_STATISTIC,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
    statistic=frame_pb2.STATISTIC_KIND_QUANTILE,
    share=0.75,
)
