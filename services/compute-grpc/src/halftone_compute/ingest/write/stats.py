"""Statistics of one column, gathered batch by batch in bounded memory."""

from __future__ import annotations

import numpy as np
from halftone_views.columns import ESTIMATED_FROM

from halftone_compute.ingest.write.sample import Sample

# The least hashes that are kept: with fewer different values all of them are.
_KEPT = ESTIMATED_FROM
_FULL = 2.0**64
_TYPICAL = 0.005
# Values hashed at once: few enough to stay in the processor's cache.
_BLOCK = 1 << 15


class NumberStats:
    """Least and greatest finite value, the least above 0, quantiles of the finite, numbers of nulls (NaN included), of
    infinite and of distinct values. `kept` is the size of the sample for the quantiles.
    """

    def __init__(self, kept: int = 50_000) -> None:
        self.min: float | None = None
        self.max: float | None = None
        self.least_positive: float | None = None
        self.nulls = 0
        self.infinite = 0
        self._sample = Sample(kept)
        self._distinct = Distinct()

    @property
    def distinct(self) -> int:
        return self._distinct.estimate()

    @property
    def typical(self) -> tuple[float | None, float | None]:
        """The 0.5 % and the 99.5 % quantile: values of the column."""
        return self._sample.quantile(_TYPICAL), self._sample.quantile(1 - _TYPICAL)

    def add(self, values: np.ndarray, valid: np.ndarray | None) -> None:
        """`values` of shape (rows,); `valid` is False where a row is null."""
        present = values if valid is None else values[valid]
        finite = present
        if values.dtype.kind == "f":
            is_finite = np.isfinite(present)
            if not is_finite.all():
                finite = present[is_finite]
                present = present[~np.isnan(present)]
        self.nulls += len(values) - len(present)
        self.infinite += len(present) - len(finite)
        self._distinct.add(present)
        self._sample.add(finite)
        if len(finite):
            self._extend(finite)

    def _extend(self, finite: np.ndarray) -> None:
        low, high = float(finite.min()), float(finite.max())
        self.min = low if self.min is None else min(self.min, low)
        self.max = high if self.max is None else max(self.max, high)
        if high > 0:
            least = low if low > 0 else float(finite[finite > 0].min())
            self.least_positive = least if self.least_positive is None else min(self.least_positive, least)


class Distinct:
    """Number of distinct values by the k least hashes (Bar-Yossef et al. 2002, "Counting distinct elements").

    Exact below 4,096 distinct values; then the standard error is 1.6 %.
    """

    def __init__(self) -> None:
        self._least = np.empty(0, np.uint64)
        # Hashes that may be among the least, with repeats.
        self._more: list[np.ndarray] = []
        self._more_count = 0

    def add(self, values: np.ndarray) -> None:
        for start in range(0, len(values), _BLOCK):
            hashes = _hashed(values[start : start + _BLOCK])
            if len(self._least) == _KEPT:
                hashes = hashes[hashes < self._least[-1]]
            self._more.append(hashes)
            self._more_count += len(hashes)
            if self._more_count > _KEPT:
                self._merge()

    def estimate(self) -> int:
        self._merge()
        if len(self._least) < _KEPT:
            return len(self._least)
        return round((_KEPT - 1) / (float(self._least[-1]) / _FULL))

    def _merge(self) -> None:
        self._least = _unique(np.concatenate([self._least, *self._more]))[:_KEPT]
        self._more, self._more_count = [], 0


def _hashed(values: np.ndarray) -> np.ndarray:
    # Adding 0.0 makes -0.0 and 0.0 one value.
    wide = values.astype(np.float64) + 0.0 if values.dtype.kind == "f" else values.astype(np.int64)
    mixed = wide.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _unique(values: np.ndarray) -> np.ndarray:
    # A sort is several times faster here than the hash table of np.unique.
    values.sort()
    keep = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=keep[1:])
    return values[keep]
