"""From planes to the figures a person asked for, in Datashader's convention: NaN where a cell has no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.backends.base import Plane

_VALUE_ROLES = {
    "sum": frame_pb2.PLANE_ROLE_SUM,
    "mean": frame_pb2.PLANE_ROLE_SUM,
    "min": frame_pb2.PLANE_ROLE_MIN,
    "max": frame_pb2.PLANE_ROLE_MAX,
    "std": frame_pb2.PLANE_ROLE_SQUARES,
    "var": frame_pb2.PLANE_ROLE_SQUARES,
}


def finish(reduction: str, planes: Sequence[Plane]) -> np.ndarray:
    """The finished grid, lowest y first.

    count and any: uint32 (height, width); count of category planes: uint32 (height, width, categories);
    sum, mean, min, max, std and var: float64 (height, width). Raises `unknown_agg`.
    """
    by_role = {plane.role: plane.cells for plane in planes}
    if frame_pb2.PLANE_ROLE_CATEGORY in by_role:
        return np.stack([plane.cells.astype(np.uint32) for plane in planes], axis=-1)
    if reduction in ("count", "any"):
        count = by_role[frame_pb2.PLANE_ROLE_COUNT]
        return (count if reduction == "count" else count > 0).astype(np.uint32)
    if reduction not in _VALUE_ROLES:
        raise HalftoneError(ErrorCode.UNKNOWN_AGG, field="reduction")
    valid = by_role[frame_pb2.PLANE_ROLE_VALID]
    value = by_role[_VALUE_ROLES[reduction]].astype(np.float64)
    if reduction in ("mean", "std", "var"):
        value = np.divide(value, valid, out=np.full(valid.shape, np.nan), where=valid > 0)
    if reduction == "std":
        value = np.sqrt(value)
    return np.where(valid > 0, value, np.nan)
