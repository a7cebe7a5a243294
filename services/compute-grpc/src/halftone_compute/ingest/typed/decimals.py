"""Decimals: a number where float64 or int64 holds every digit, else text."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.ingest.columns import ArrowType, Cells

# float64 gives back every decimal of so many digits (IEEE 754: DBL_DIG).
DIGITS = 15
# The greatest power of ten that float64 holds.
_EXACT_POWER = 22
_SCALES = (2, 4, 6, 9, 12)


def target_of(dtype: ArrowType, looked: list[Cells]) -> pa.DataType:
    """float64, or int64 for whole numbers of more digits; `string` when a cell of `looked` would lose a digit."""
    if dtype.precision <= DIGITS:
        return pa.float64()
    target = pa.int64() if dtype.scale <= 0 else pa.float64()
    return pa.string() if any(lossy(cells, target) for cells in looked) else target


def lossy(cells: Cells, target: pa.DataType) -> bool:
    """Whether a cell would lose a digit as `target`."""
    if pa.types.is_integer(target):
        return not _casts(cells, target)
    if cells.type.precision <= DIGITS:
        return False
    scales = {scale for scale in _SCALES if scale < cells.type.scale} | {max(0, cells.type.scale)}
    # Fewer places that hold all digits, so that the whole numbers below fit into int64.
    shorter = next((scale for scale in sorted(scales) if _casts(cells, pa.decimal128(38, scale))), None)
    if shorter is None:
        return True
    unscaled, wide = _unscaled(pc.cast(cells, pa.decimal128(38, shorter)))
    many = unscaled[np.abs(unscaled) >= 10**DIGITS]
    return any(_digits(value) > DIGITS for value in itertools.chain(wide, _shortened(many)))


def numbers_of(cells: Cells, target: pa.DataType) -> Cells:
    """The cells as `target`; as float64 the number nearest to each."""
    if pa.types.is_integer(target):
        return pc.cast(cells, target)
    scale = cells.type.scale
    if 0 <= scale <= _EXACT_POWER and cells.type.precision <= DIGITS:
        # One division of two numbers that float64 holds, so it is rounded once; Arrow's cast may round twice.
        whole = pc.cast(pc.multiply(cells, pa.scalar(Decimal(10**scale))), pa.int64())
        return pc.divide(pc.cast(whole, pa.float64()), float(10**scale))
    return pc.cast(pc.cast(cells, pa.string()), pa.float64())


def _casts(cells: Cells, target: pa.DataType) -> bool:
    try:
        pc.cast(cells, target)
    except pa.ArrowInvalid:
        return False
    return True


def _unscaled(cells: Cells) -> tuple[np.ndarray, Iterator[int]]:
    """The digits of decimals as whole numbers: those that int64 holds as an array, then the others."""
    present = cells.drop_null()
    words = np.frombuffer(memoryview(present.buffers()[1]), np.int64).reshape(-1, 2) if len(present) else _NONE
    words = words[present.offset : present.offset + len(present)]
    fits = words[:, 1] == words[:, 0] >> 63
    wide = ((int(high) << 64) + (int(low) & (2**64 - 1)) for low, high in words[~fits])
    return words[fits][:, 0], wide


def _shortened(values: np.ndarray) -> list[int]:
    """Without their last zeros, so that few are left to look at."""
    for _ in range(4):
        values = np.where(values % 10 == 0, values // 10, values)
        values = values[np.abs(values) >= 10**DIGITS]
    found: list[int] = np.unique(values).tolist()
    return found


def _digits(value: int) -> int:
    return len(str(abs(value)).rstrip("0"))


_NONE = np.empty((0, 2), np.int64)
