"""Conversion of Arrow arrays to the numbers that a version stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

# 0001-01-01 to the last microsecond of 9999: what ISO 8601 writes with four digits, and every client can show.
TIME_MIN = -62_135_596_800_000_000
TIME_MAX = 253_402_300_799_999_999
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def numbers(array: Cells, layout: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Values of shape (rows,) and, for integers with nulls, a bool mask of the valid ones. Float nulls are NaN."""
    array = _decoded(array)
    target = pa.from_numpy_dtype(np.dtype(layout))
    array = pc.cast(array, target) if array.type != target else array
    if pa.types.is_floating(target):
        return array.to_numpy(zero_copy_only=False), None
    return _filled(array)


def micros(array: Cells) -> tuple[np.ndarray, np.ndarray | None, int]:
    """Dates and timestamps as int64 microseconds UTC (finer units are rounded down), the mask of valid ones, and how
    many lie outside the years 1 to 9999: those are not valid.

    A timestamp without a zone is taken as UTC.
    """
    array = _decoded(array)
    if pa.types.is_date32(array.type):
        ticks, valid = _filled(array.view(pa.int32()))
        return _in_range(ticks.astype(np.int64), valid, 86_400_000_000)
    per_second = _PER_SECOND[array.type.unit] if pa.types.is_timestamp(array.type) else 1_000
    ticks, valid = _filled(array.view(pa.int64()))
    if per_second > 1_000_000:
        return _in_range(ticks // (per_second // 1_000_000), valid, 1)
    return _in_range(ticks, valid, 1_000_000 // per_second)


def _in_range(ticks: np.ndarray, valid: np.ndarray | None, times: int) -> tuple[np.ndarray, np.ndarray | None, int]:
    low, high = TIME_MIN // times, TIME_MAX // times
    if len(ticks) and (ticks.min() < low or ticks.max() > high):
        inside = (ticks >= low) & (ticks <= high)
        valid = inside if valid is None else valid & inside
        # A null is 0 here, which lies inside.
        return np.where(inside, ticks, 0) * times, valid, len(ticks) - int(np.count_nonzero(inside))
    return ticks * times if times > 1 else ticks, valid, 0


def _filled(array: Cells) -> tuple[np.ndarray, np.ndarray | None]:
    if array.null_count == 0:
        return array.to_numpy(zero_copy_only=False), None
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    return array.fill_null(0).to_numpy(zero_copy_only=False), valid


def _decoded(array: Cells) -> Cells:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
