"""From planes to the numbers of a quantity, in Datashader's convention: NaN where a cell has no value."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from halftone_wire.planes import Plane, Role

    _Finisher: TypeAlias = Callable[[Sequence[np.ndarray], np.ndarray], np.ndarray]

# From here on float64 no longer holds every integer.
EXACT_INTEGERS = 2**53
# Finishers whose numbers are those of planes, or lie between them.
_SHOWN_AS_THEY_ARE = (frame_pb2.FINISHER_IDENTITY, frame_pb2.FINISHER_DIFFERENCE, frame_pb2.FINISHER_SPAN)


def finish(quantity: frame_pb2.Quantity, planes: Sequence[Plane], *, rounded: bool = False) -> np.ndarray:
    """The finished grid, lowest y first.

    Whole numbers whose empty cells are 0 are uint32, any other quantity is float64, and NaN where no row has a value.
    Shape (height, width); with a category column (height, width, categories) but for the most frequent one, whose
    number is its place. A span has its four numbers on an axis of their own, before that of the categories. Raises
    `unknown_agg` for a finisher of a newer server, `data_corrupt` when a plane is missing, `unsupported_type` for whole
    numbers that float64 does not hold, unless they may be `rounded`.
    """
    if quantity.finisher == frame_pb2.FINISHER_CATEGORIES:
        return _stacked(quantity, planes).astype(np.uint32)
    if quantity.finisher == frame_pb2.FINISHER_MODE:
        return _most_frequent(_stacked(quantity, planes))
    finisher = _FINISHERS.get(quantity.finisher)
    if finisher is None:
        raise HalftoneError(ErrorCode.UNKNOWN_AGG, field="quantity.finisher")
    if not quantity.category:
        return _finished(quantity, finisher, planes, rounded=rounded)
    by_category = [[plane for plane in planes if plane.category == index] for index in range(categories_of(planes))]
    return np.stack([_finished(quantity, finisher, own, rounded=rounded) for own in by_category], axis=-1)


def categories_of(planes: Sequence[Plane]) -> int:
    """How many categories a piece has planes of; 0 without a category column."""
    return sum(plane.role == frame_pb2.PLANE_ROLE_CATEGORY for plane in planes)


def _finished(
    quantity: frame_pb2.Quantity, finisher: _Finisher, planes: Sequence[Plane], *, rounded: bool
) -> np.ndarray:
    by_role = {plane.role: plane.cells for plane in planes}
    operands = [_cells(by_role, role) for role in quantity.planes]
    if quantity.empty == frame_pb2.EMPTY_ZERO:
        return finisher(operands, operands[0]).astype(np.uint32 if quantity.integer else np.float64)
    valid = _cells(by_role, frame_pb2.PLANE_ROLE_VALID)
    if not rounded and quantity.finisher in _SHOWN_AS_THEY_ARE and not all(map(_holds, operands)):
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "Whole numbers from 2**53 on are exact in pieces only.")
    numbers = finisher([cells.astype(np.float64) for cells in operands], valid)
    return np.where(valid.reshape(*valid.shape, *(1,) * (numbers.ndim - 2)) > 0, numbers, np.nan)


def _holds(cells: np.ndarray) -> bool:
    """Whether every number is the same as a float64."""
    if cells.dtype.kind == "f" or cells.dtype.itemsize < 8:
        return True
    return bool(cells.min() > -EXACT_INTEGERS and cells.max() < EXACT_INTEGERS)


def _stacked(quantity: frame_pb2.Quantity, planes: Sequence[Plane]) -> np.ndarray:
    counts = [plane.cells for plane in planes if plane.role in quantity.planes]
    if not counts:
        raise HalftoneError(ErrorCode.DATA_CORRUPT, "A piece lacks a plane.")
    return np.stack(counts, axis=-1)


def _most_frequent(counts: np.ndarray) -> np.ndarray:
    """The place of the greatest count, of the first of equal ones."""
    return np.where(counts.any(axis=-1), counts.argmax(axis=-1).astype(np.float64), np.nan)


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


def _span(operands: Sequence[np.ndarray], valid: np.ndarray) -> np.ndarray:
    return np.stack(operands, axis=-1)


# A closed set, which every client draws from: a new finisher is a new version of the wire.
_FINISHERS: Mapping[int, _Finisher] = MappingProxyType(
    {
        frame_pb2.FINISHER_IDENTITY: _identity,
        frame_pb2.FINISHER_PRESENCE: _presence,
        frame_pb2.FINISHER_RATIO: _ratio,
        frame_pb2.FINISHER_VARIANCE: _ratio,
        frame_pb2.FINISHER_DEVIATION: _deviation,
        frame_pb2.FINISHER_DIFFERENCE: _difference,
        frame_pb2.FINISHER_SPAN: _span,
    }
)
