"""Planes to bytes and back: the smallest exact dtype; then nothing, positions with values, all cells, or codes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_wire.packed import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Role: TypeAlias = "frame_pb2.PlaneRole.ValueType"
DTYPES: Mapping[np.dtype[Any], frame_pb2.Dtype.ValueType] = MappingProxyType(
    {
        np.dtype("<u1"): frame_pb2.DTYPE_U8,
        np.dtype("<u2"): frame_pb2.DTYPE_U16,
        np.dtype("<u4"): frame_pb2.DTYPE_U32,
        np.dtype("<u8"): frame_pb2.DTYPE_U64,
        np.dtype("<i1"): frame_pb2.DTYPE_I8,
        np.dtype("<i2"): frame_pb2.DTYPE_I16,
        np.dtype("<i4"): frame_pb2.DTYPE_I32,
        np.dtype("<i8"): frame_pb2.DTYPE_I64,
        np.dtype("<f4"): frame_pb2.DTYPE_F32,
        np.dtype("<f8"): frame_pb2.DTYPE_F64,
    }
)
_NUMPY: Mapping[int, np.dtype[Any]] = MappingProxyType({code: dtype for dtype, code in DTYPES.items()})
_POSITION = np.dtype("<u4")
# Odd, so that the sample of a tile is no column of it.
_SAMPLED = 61
# The least and the greatest number of each dtype: asking NumPy takes longer than comparing.
_UNSIGNED = tuple((0, int(np.iinfo(name).max), np.dtype(name)) for name in ("<u1", "<u2", "<u4", "<u8"))
_SIGNED = tuple(
    (int(np.iinfo(name).min), int(np.iinfo(name).max), np.dtype(name)) for name in ("<i1", "<i2", "<i4", "<i8")
)


@dataclass(frozen=True, slots=True)
class Plane:
    """One grid of numbers: shape (height, width), lowest y first. A cell without a value is 0."""

    role: Role
    cells: np.ndarray
    category: int = 0


def encode(plane: Plane, *, pack: bool = False) -> frame_pb2.Plane:
    """The plane as a message; decoding it gives numbers equal to the plane's, cell by cell.

    With `pack` it takes the fewest bytes; without, CODEC_PACKED is left out, and it takes the least time.
    """
    narrow = _narrowed(np.ascontiguousarray(plane.cells).reshape(-1))
    message = frame_pb2.Plane(role=plane.role, dtype=DTYPES[narrow.dtype], category=plane.category)
    # Finding positions costs far more than counting them, and dense planes need none.
    filled = narrow != 0
    count = int(np.count_nonzero(filled))
    sparse = count * (_POSITION.itemsize + narrow.itemsize)
    codes = packed(narrow) if pack and count else b""
    if count == 0:
        message.codec = frame_pb2.CODEC_EMPTY
    elif codes and len(codes) < min(sparse, narrow.nbytes):
        message.codec = frame_pb2.CODEC_PACKED
        message.data = codes
    elif sparse < narrow.nbytes:
        positions = np.flatnonzero(filled)
        message.codec = frame_pb2.CODEC_SPARSE
        message.data = positions.astype(_POSITION).tobytes() + narrow[positions].tobytes()
    else:
        message.codec = frame_pb2.CODEC_RAW
        message.data = narrow.tobytes()
    return message


def decode(message: frame_pb2.Plane, width: int, height: int) -> np.ndarray:
    """The numbers of a plane, shape (height, width), in the dtype of the wire. Raises `data_corrupt`."""
    dtype = _NUMPY.get(message.dtype)
    cells = width * height
    if dtype is None:
        raise _corrupt()
    if message.codec == frame_pb2.CODEC_EMPTY and not message.data:
        return np.zeros((height, width), dtype)
    if message.codec == frame_pb2.CODEC_RAW and len(message.data) == cells * dtype.itemsize:
        return np.frombuffer(message.data, dtype).reshape(height, width)
    if message.codec == frame_pb2.CODEC_SPARSE:
        return _scattered(message.data, dtype, cells).reshape(height, width)
    if message.codec == frame_pb2.CODEC_PACKED:
        return _unpacked(message.data, dtype, cells).reshape(height, width)
    raise _corrupt()


def _unpacked(data: bytes, dtype: np.dtype[Any], cells: int) -> np.ndarray:
    try:
        return unpacked(data, dtype, cells)
    except ValueError as error:
        raise _corrupt() from error


def _scattered(data: bytes, dtype: np.dtype[Any], cells: int) -> np.ndarray:
    count, rest = divmod(len(data), _POSITION.itemsize + dtype.itemsize)
    positions = np.frombuffer(data, _POSITION, count)
    if rest or (count and (positions[-1] >= cells or np.any(positions[1:] <= positions[:-1]))):
        raise _corrupt()
    flat = np.zeros(cells, dtype)
    flat[positions] = np.frombuffer(data, dtype, count, offset=positions.nbytes)
    return flat


def _narrowed(flat: np.ndarray) -> np.ndarray:
    """The same numbers in the smallest dtype of the wire that holds each of them; -0.0 may become 0."""
    if flat.dtype.kind == "f":
        return _narrowed_floats(flat)
    return flat.astype(_whole(int(flat.min()), int(flat.max())), copy=False)


def _narrowed_floats(flat: np.ndarray) -> np.ndarray:
    # Casting NaN, infinities and large numbers to integers is undefined, so their range is asked first.
    low, high = float(flat.min()), float(flat.max())
    if low >= -(2**31) and high < 2**32 and _holds(flat, np.trunc):
        return flat.astype(_whole(int(low), int(high)))
    is_single = flat.dtype == np.float32 or _holds(flat, _as_single)
    return flat.astype("<f4" if is_single else "<f8", copy=False)


def _whole(low: int, high: int) -> np.dtype[Any]:
    """The smallest dtype for whole numbers from `low` to `high`."""
    for least, greatest, dtype in _UNSIGNED if low >= 0 else _SIGNED:
        if least <= low and high <= greatest:
            return dtype
    raise ValueError(f"no dtype holds {low} to {high}")


def _holds(flat: np.ndarray, rounded: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether rounding changes no number. A few cells tell first: most planes that do not fit show it there."""
    for part in (flat[::_SAMPLED], flat):
        same = part == rounded(part)
        if not (same.all() or (same | np.isnan(part)).all()):
            return False
    return True


def _as_single(flat: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):
        return flat.astype("<f4")


def _corrupt() -> HalftoneError:
    return HalftoneError(ErrorCode.DATA_CORRUPT, "A plane does not fit its size, dtype or codec.")
