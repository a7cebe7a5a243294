"""Arrow arrays become the numbers they held."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.write.values import TIME_MAX, TIME_MIN, micros, numbers


def test_integers_keep_their_type_and_mask_their_nulls() -> None:
    values, valid = numbers(pa.array([1, None, -3], pa.int16()), "<i2")
    assert values.dtype == np.int16
    assert valid is not None
    assert (values.tolist(), valid.tolist()) == ([1, 0, -3], [True, False, True])


def test_floats_mark_nulls_by_nan() -> None:
    values, valid = numbers(pa.array([1.5, None], pa.float32()), "<f4")
    assert valid is None
    np.testing.assert_array_equal(values, np.array([1.5, np.nan], np.float32))


def test_decimals_become_floats() -> None:
    values, _ = numbers(pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)), "<f8")
    np.testing.assert_array_equal(values, [1.25, np.nan])


def test_dictionaries_of_numbers_are_decoded() -> None:
    values, _ = numbers(pa.array([5, 7, 5]).dictionary_encode(), "<i8")
    assert values.tolist() == [5, 7, 5]


MOMENT = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "dtype",
    [
        *(pa.timestamp("s", zone) for zone in (None, "UTC", "Asia/Kolkata")),
        *(pa.timestamp("ms", zone) for zone in (None, "UTC", "Asia/Kolkata")),
        *(pa.timestamp("us", zone) for zone in (None, "UTC", "Asia/Kolkata")),
        *(pa.timestamp("ns", zone) for zone in (None, "UTC", "Asia/Kolkata")),
    ],
)
def test_timestamps_of_any_unit_and_zone(dtype: pa.DataType) -> None:
    values, valid, _ = micros(pa.array([MOMENT, None], pa.timestamp("us", "UTC")).cast(dtype))
    assert valid is not None
    assert values[0] == int(MOMENT.timestamp()) * 1_000_000
    assert valid.tolist() == [True, False]


def test_dates_are_midnight_utc() -> None:
    for dtype in (pa.date32(), pa.date64()):
        values, *_ = micros(pa.array([date(1970, 1, 2), date(1969, 12, 31)], dtype))
        assert values.tolist() == [86_400_000_000, -86_400_000_000]


def test_nanoseconds_are_rounded_down() -> None:
    values, *_ = micros(pa.array([-1, 999, 1000], pa.timestamp("ns")))
    assert values.tolist() == [-1, 0, 1]


@pytest.mark.parametrize(
    ("dtype", "per_second"), [(pa.timestamp("s"), 1), (pa.timestamp("ms"), 1_000), (pa.timestamp("us"), 1_000_000)]
)
def test_times_at_the_edges_of_the_range(dtype: pa.DataType, per_second: int) -> None:
    least, greatest = TIME_MIN * per_second // 1_000_000, TIME_MAX * per_second // 1_000_000
    values, *_ = micros(pa.array([least, greatest], dtype))
    assert values[0] == TIME_MIN
    for beyond in (least - 1, greatest + 1, 2**63 - 1, -(2**63)):
        values, valid, out_of_range = micros(pa.array([beyond, None, 0], dtype))
        assert valid is not None
        assert (values.tolist(), valid.tolist(), out_of_range) == ([0, 0, 0], [False, False, True], 1)


def test_dates_out_of_range() -> None:
    values, valid, out_of_range = micros(pa.array([-719_163, -719_162, 2**31 - 1], pa.int32()).cast(pa.date32()))
    assert valid is not None
    assert (values.tolist(), valid.tolist(), out_of_range) == ([0, TIME_MIN, 0], [False, True, False], 2)
