"""Any rows: 1 where a row lies in the cell."""

from halftone.v1 import frame_pb2

from halftone_views.reduction import Reduction

ANY = Reduction(
    name="any",
    label="Any rows",
    order=10,
    finisher=frame_pb2.FINISHER_PRESENCE,
    planes=(frame_pb2.PLANE_ROLE_COUNT,),
    empty=frame_pb2.EMPTY_ZERO,
    integer=True,
)
