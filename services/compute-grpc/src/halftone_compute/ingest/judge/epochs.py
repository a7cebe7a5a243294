"""Numbers that are meant as times: seconds, or parts of them, since 1970, or days written as 20250210."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.columns import compute as pc

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

# 1990 to 2100, in seconds: numbers in between are not likely anything else.
_FROM, _TO = 631_152_000, 4_102_444_800
_PER_SECOND = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
_DAYS = (19_000_101, 21_001_231)


def suggested_epoch(low: float, high: float) -> str | None:
    """The format of times that whole numbers from `low` to `high` are likely meant as; None: of none."""
    return next(
        (name for name, each in _PER_SECOND.items() if _FROM * each <= low and high <= _TO * each),
        "%Y%m%d" if _DAYS[0] <= low and high <= _DAYS[1] else None,
    )


def is_epoch(format: str) -> bool:
    return format in _PER_SECOND


def epoch_times(values: Cells, format: str) -> Cells:
    """Timestamps in microseconds, rounded down, of numbers; null for one beyond the years that int64 holds."""
    per_second = _PER_SECOND[format]
    if pa.types.is_integer(values.type) and per_second >= 10**6:
        micros = pc.cast(values, pa.int64()).fill_null(0).to_numpy(zero_copy_only=False) // (per_second // 10**6)
        return pa.array(micros, mask=values.is_null().to_numpy(zero_copy_only=False)).cast(pa.timestamp("us"))
    scale = 10**6 / per_second
    numbers = pc.cast(values, pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    is_held = np.abs(numbers) * scale < 2.0**62
    if pa.types.is_integer(values.type):
        whole = values.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        micros = np.where(is_held, whole, 0) * int(scale)
    else:
        micros = np.floor(np.where(is_held, numbers, 0.0) * scale).astype(np.int64)
    return pa.array(micros, mask=~is_held).cast(pa.timestamp("us"))
