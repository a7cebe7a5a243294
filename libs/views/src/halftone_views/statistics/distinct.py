"""Distinct: how many different values there are."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

DISTINCT = Reduction(
    name="distinct",
    label="Distinct values",
    order=200,
    accumulators=(compute_pb2.ACCUMULATOR_MIN,),
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_STATISTIC,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    statistic=frame_pb2.STATISTIC_KIND_DISTINCT,
)
