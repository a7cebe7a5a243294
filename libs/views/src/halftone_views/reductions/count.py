"""Rows: how many rows lie in the cell."""

from halftone.v1 import frame_pb2

from halftone_views.reduction import Reduction

COUNT = Reduction(
    name="count",
    label="Rows",
    order=0,
    finisher=frame_pb2.FINISHER_IDENTITY,
    planes=(frame_pb2.PLANE_ROLE_COUNT,),
    empty=frame_pb2.EMPTY_ZERO,
    unit="rows",
    grows_with_area=True,
    integer=True,
)
