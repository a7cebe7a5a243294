"""Most frequent: the category that most rows of the cell have."""

from halftone.v1 import frame_pb2

from halftone_views.reduction import Reduction

MODE = Reduction(
    name="mode",
    label="Most frequent",
    order=100,
    of_categories=True,
    finisher=frame_pb2.FINISHER_MODE,
    planes=(frame_pb2.PLANE_ROLE_CATEGORY,),
    empty=frame_pb2.EMPTY_NO_VALUE,
    integer=True,
)
