"""From planes to the interval about the number of each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import frame_pb2

from halftone_wire.finishers import finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_wire.planes import Plane

# 97.5 % of a standard normal distribution lie below.
NORMAL_975 = 1.96


def half_interval(quantity: frame_pb2.Quantity, planes: Sequence[Plane]) -> np.ndarray | None:
    """How far the interval reaches from the number of a cell to each side, float64 in the shape of `finish`; NaN where
    there is none. None: the quantity has no interval.

    1.96 s / √n of n values, where s² is the sum of their squared differences from their mean over n - 1. Raises as
    `finish`.
    """
    if quantity.interval != frame_pb2.INTERVAL_MEAN_95:
        return None
    squares, valid = frame_pb2.Quantity(), frame_pb2.Quantity()
    for part, role in ((squares, frame_pb2.PLANE_ROLE_SQUARES), (valid, frame_pb2.PLANE_ROLE_VALID)):
        part.CopyFrom(quantity)
        part.finisher = frame_pb2.FINISHER_IDENTITY
        part.planes[:] = [role]
    n, of_squares = finish(valid, planes), finish(squares, planes)
    degrees = np.where(n > 1, n - 1, np.nan)
    half: np.ndarray = NORMAL_975 * np.sqrt(of_squares / degrees / n)
    return half
