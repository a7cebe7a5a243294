"""Number and time columns on disk: exact values, statistics and nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.write.values import TIME_MAX, TIME_MIN
from ingest_rig.columns import values, written

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([1, None], pa.int16()), pa.array([3], pa.int16()))
    assert (entry.info.type, entry.info.dtype, entry.layout, entry.storage) == ("number", "int16", "<i2", "plain")
    assert (entry.info.min, entry.info.max, entry.info.nulls, entry.info.distinct) == (1.0, 3.0, 1, 2)
    assert values(tmp_path, entry).tolist() == [1, 0, 3]
    assert np.fromfile(tmp_path / entry.files["valid"].file, bool).tolist() == [True, False, True]


def test_times(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([1, 2], pa.timestamp("ms", "UTC")))
    assert (entry.info.type, entry.info.min, entry.info.max) == ("time", 1_000.0, 2_000.0)
    assert values(tmp_path, entry).tolist() == [1_000, 2_000]


def test_infinities_and_nan(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([np.inf, -np.inf, np.nan, None]))
    assert (entry.info.min, entry.info.max, entry.info.nulls, entry.info.infinite) == (None, None, 2, 2)
    assert "valid" not in entry.files


def test_integers_with_few_values_have_labels(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([30, None, 7], pa.uint8()), pa.array([7], pa.uint8()))
    assert entry.info.categories == (("7", 2), ("30", 1), (None, 1))
    assert written(tmp_path / "floats", pa.array([1.0])).info.categories == ()


def test_quantiles_leave_the_tails_out(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array(np.arange(1_000) ** 3), pa.array([1 << 60]))
    assert (entry.info.typical_min, entry.info.typical_max) == (5**3, 995**3)


def test_the_least_value_above_0_is_kept(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([-1.5, 0.0, 3.0]), pa.array([0.25, None, np.nan]))
    assert (entry.info.min, entry.info.least_positive) == (-1.5, 0.25)


US_MAX = 2**53 - 1


def test_times_in_microseconds_while_float64_holds_each(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([-US_MAX, US_MAX], pa.timestamp("us")))
    assert (entry.info.time_unit, entry.info.min, entry.info.max) == ("us", -US_MAX, US_MAX)


@pytest.mark.parametrize("far", [US_MAX + 1, -US_MAX - 1, TIME_MIN, TIME_MAX])
def test_one_far_time_makes_the_column_milliseconds(tmp_path: Path, far: int) -> None:
    rows = 1_100_000
    near = pa.array(np.arange(rows) * 999 - 5_000_001, pa.timestamp("us"), mask=np.arange(rows) == 3)
    entry = written(tmp_path, near, pa.array([far, 2**62], pa.timestamp("us")))
    expected = np.array([*(np.arange(rows) * 999 - 5_000_001) // 1_000, far // 1_000, 0])
    expected[3] = 0
    np.testing.assert_array_equal(values(tmp_path, entry), expected)
    info = entry.info
    present = np.delete(expected, [3, rows + 1])
    assert (info.time_unit, info.min, info.max) == ("ms", present.min(), present.max())
    assert (info.nulls, info.out_of_range) == (1, 1)
    assert info.typical_min == pytest.approx(np.quantile(present, 0.005), rel=0.5)
    assert info.is_exact
    valid = np.fromfile(tmp_path / entry.files["valid"].file, bool)
    assert np.flatnonzero(~valid).tolist() == [3, rows + 1]
