"""Times as numbers: seconds, milliseconds, microseconds or nanoseconds since 1970 UTC, or `20250210`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

PER_SECOND = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": 1_000_000_000}
COMPACT = "%Y%m%d"
FORMATS = (*PER_SECOND, COMPACT)
_TYPES = {
    "epoch_s": pa.timestamp("s"),
    "epoch_ms": pa.timestamp("ms"),
    "epoch_us": pa.timestamp("us"),
    "epoch_ns": pa.timestamp("ns"),
}
# 1990 to 2100: numbers in this range are taken for times often enough to ask.
_FROM, _TO = 631_152_000, 4_102_444_800
_COMPACT_FROM, _COMPACT_TO = 1900_01_01, 2100_12_31


def suggested_format(values: np.ndarray) -> str:
    """The format in which all integers of shape (rows,) are times between 1990 and 2100 (as `20250210` from 1900 on);
    empty when there is none. Magnitudes do not overlap, so at most one fits.
    """
    if not len(values):
        return ""
    low, high = int(values.min()), int(values.max())
    if low >= _COMPACT_FROM and high <= _COMPACT_TO and not _compact_days(values.astype(np.int64))[1].any():
        return COMPACT
    scales = (name for name, per in PER_SECOND.items() if _FROM * per <= low and high <= _TO * per)
    return next(scales, "")


def times_of(cells: Cells, format: str) -> tuple[Cells, np.ndarray | None]:
    """Timestamps of numbers, and for `20250210` a mask of the cells that are no day. Fractions are rounded to µs; a
    number beyond int64 lies outside of every year, and becomes the last timestamp.
    """
    valid = cells.is_valid().to_numpy(zero_copy_only=False)
    values = cells.fill_null(0).to_numpy(zero_copy_only=False)
    if format == COMPACT:
        days, unfit = _compact_days(values)
        unfit &= valid
        return pa.array(days, mask=~valid | unfit).cast(pa.timestamp("us")), unfit
    if values.dtype.kind == "f":
        valid &= ~np.isnan(values)
        return pa.array(_micros(values, PER_SECOND[format]), pa.timestamp("us"), mask=~valid), None
    ticks = np.minimum(values, np.uint64(2**63 - 1)) if values.dtype == np.uint64 else values
    return pa.array(ticks.astype(np.int64), mask=~valid).cast(_TYPES[format]), None


def _micros(values: np.ndarray, per_second: int) -> np.ndarray:
    scaled = np.nan_to_num(values.astype(np.float64) * (1_000_000 / per_second))
    return np.rint(np.clip(scaled, -9.2e18, 9.2e18)).astype(np.int64)


def _compact_days(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days as datetime64[D], and a mask of the numbers that are none."""
    whole = np.clip(np.nan_to_num(values), 0, 9999_12_31).astype(np.int64)
    years, months, days = whole // 10_000, whole // 100 % 100, whole % 100
    first = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (months - 1)
    found = first.astype("datetime64[D]") + (days - 1)
    back = found.astype("datetime64[M]") == first
    fits = (whole == values) & (years >= 1) & (months >= 1) & (months <= 12) & (days >= 1) & back
    return found, ~fits
