"""Median: the least value that at least half of the values do not exceed."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

MEDIAN = Reduction(
    name="median",
    label="Median",
    order=210,
    accumulators=(compute_pb2.ACCUMULATOR_MIN,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_STATISTIC,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
    statistic=frame_pb2.STATISTIC_KIND_QUANTILE,
    share=0.5,
)
