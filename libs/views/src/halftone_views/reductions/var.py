"""Variance: the mean squared difference of the values from their mean."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

VAR = Reduction(
    name="var",
    label="Variance",
    order=70,
    accumulators=(compute_pb2.ACCUMULATOR_MOMENTS,),
    finisher=frame_pb2.FINISHER_VARIANCE,
    planes=(frame_pb2.PLANE_ROLE_SQUARES,),
    empty=frame_pb2.EMPTY_NO_VALUE,
)
