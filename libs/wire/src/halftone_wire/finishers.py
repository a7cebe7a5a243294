"""From planes to the numbers of a quantity, in Datashader's convention: NaN where a cell has no value."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from halftone_wire.planes import Plane, Role


def finish(quantity: frame_pb2.Quantity, planes: Sequence[Plane]) -> np.ndarray:
    """The finished grid, lowest y first.

    Whole numbers whose empty cells are 0: uint32 (height, width), by category (height, width, categories). Any other
    quantity: float64 (height, width), and NaN where no row has a value. Raises `unknown_agg` for a finisher of a newer
    server, `data_corrupt` when a plane is missing.
    """
    if quantity.finisher == frame_pb2.FINISHER_CATEGORIES:
        counts = [plane.cells.astype(np.uint32) for plane in planes if plane.role in quantity.planes]
        return np.stack(counts, axis=-1)
    finisher = _FINISHERS.get(quantity.finisher)
    if finisher is None:
        raise HalftoneError(ErrorCode.UNKNOWN_AGG, field="quantity.finisher")
    by_role = {plane.role: plane.cells for plane in planes}
    operands = [_cells(by_role, role) for role in quantity.planes]
    if quantity.empty == frame_pb2.EMPTY_ZERO:
        return finisher(operands, operands[0]).astype(np.uint32 if quantity.integer else np.float64)
    valid = _cells(by_role, frame_pb2.PLANE_ROLE_VALID)
    return np.where(valid > 0, finisher([cells.astype(np.float64) for cells in operands], valid), np.nan)


def _cells(by_role: Mapping[Role, np.ndarray], role: Role) -> np.ndarray:
    if role not in by_role:
        raise HalftoneError(ErrorCode.DATA_CORRUPT, "A piece lacks a plane.")
    return by_role[role]


def _identity(operands: Sequence[np.ndarray], valid: np.ndarray) -> np.ndarray:
    return operands[0]


def _presence(operands: Sequence[np.ndarray], valid: np.ndarray) -> np.ndarray:
    present: np.ndarray = operands[0] > 0
    return present


def _ratio(operands: Sequence[np.ndarray], valid: np.ndarray) -> np.ndarray:
    quotient: np.ndarray = np.divide(operands[0], valid, out=np.full(valid.shape, np.nan), where=valid > 0)
    return quotient


def _deviation(operands: Sequence[np.ndarray], valid: np.ndarray) -> np.ndarray:
    root: np.ndarray = np.sqrt(_ratio(operands, valid))
    return root


def _difference(operands: Sequence[np.ndarray], valid: np.ndarray) -> np.ndarray:
    first, second = operands
    difference: np.ndarray = first - second
    return difference


# A closed set, which every client draws from: a new finisher is a new version of the wire.
_FINISHERS: Mapping[int, Callable[[Sequence[np.ndarray], np.ndarray], np.ndarray]] = MappingProxyType(
    {
        frame_pb2.FINISHER_IDENTITY: _identity,
        frame_pb2.FINISHER_PRESENCE: _presence,
        frame_pb2.FINISHER_RATIO: _ratio,
        frame_pb2.FINISHER_VARIANCE: _ratio,
        frame_pb2.FINISHER_DEVIATION: _deviation,
        frame_pb2.FINISHER_DIFFERENCE: _difference,
    }
)
