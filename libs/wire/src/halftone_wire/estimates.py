"""From planes of a sample to estimates for all rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from halftone.v1 import frame_pb2

if TYPE_CHECKING:
    from halftone_wire.pieces import Piece
    from halftone_wire.planes import Plane

# What grows with the number of rows.
_SUMS: Final = (
    frame_pb2.PLANE_ROLE_COUNT,
    frame_pb2.PLANE_ROLE_VALID,
    frame_pb2.PLANE_ROLE_CATEGORY,
    frame_pb2.PLANE_ROLE_SUM,
    frame_pb2.PLANE_ROLE_SQUARES,
)


def estimated(piece: Piece) -> Piece:
    """The piece with the counts and sums of its sample over its fraction, float64. An exact piece is returned as it is.

    Ratios of them, extremes, the first and the last are what they were.
    """
    if piece.fraction == 1:
        return piece
    return replace(piece, planes=tuple(_scaled(plane, piece.fraction) for plane in piece.planes))


def _scaled(plane: Plane, fraction: float) -> Plane:
    return replace(plane, cells=plane.cells.astype(np.float64) / fraction) if plane.role in _SUMS else plane
