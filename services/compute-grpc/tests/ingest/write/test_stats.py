"""Statistics equal those of the whole column, however it is cut into blocks."""

from __future__ import annotations

import numpy as np
import pytest
from halftone_compute.ingest.write.stats import Distinct, NumberStats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


@given(hnp.arrays(np.float64, st.integers(0, 60)), st.lists(st.integers(0, 60), max_size=3))
def test_floats(values: np.ndarray, cuts: list[int]) -> None:
    stats = NumberStats()
    for block in np.split(values, sorted(cuts)):
        stats.add(block, None)
    finite = values[np.isfinite(values)]
    assert stats.nulls == np.isnan(values).sum()
    assert stats.infinite == np.isinf(values).sum()
    assert stats.typical == (stats.min, stats.max)
    assert stats.min == (finite.min() if len(finite) else None)
    assert stats.max == (finite.max() if len(finite) else None)
    positive = finite[finite > 0]
    assert stats.least_positive == (positive.min() if len(positive) else None)
    assert stats.distinct == len(np.unique(values[~np.isnan(values)]))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64, np.int32])
def test_integers_with_nulls(dtype: type[np.integer]) -> None:
    stats = NumberStats()
    stats.add(np.array([3, 0, 7, 3], dtype), np.array([True, False, True, True]))
    assert (stats.min, stats.max, stats.nulls, stats.distinct) == (3.0, 7.0, 1, 2)
    stats.add(np.array([0, 2, 5, 1], dtype), np.array([True, True, True, False]))
    assert (stats.min, stats.least_positive) == (0.0, 2.0)


def test_no_values_at_all() -> None:
    stats = NumberStats()
    stats.add(np.array([np.nan, np.nan]), None)
    assert (stats.min, stats.max, stats.nulls, stats.distinct) == (None, None, 2, 0)
    assert stats.typical == (None, None)


@pytest.mark.parametrize("count", [4_095, 4_096, 20_000, 1_000_000])
def test_the_number_of_different_values_is_near(count: int) -> None:
    distinct = Distinct()
    values = np.arange(count, dtype=np.int64) * 7
    for block in np.array_split(np.concatenate([values, values]), 13):
        distinct.add(block)
    # Five standard errors.
    assert distinct.estimate() == pytest.approx(count, rel=0.0 if count < 4_096 else 0.08)
