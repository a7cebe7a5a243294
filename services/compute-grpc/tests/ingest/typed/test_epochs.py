"""Numbers that are times: which are suggested, and what they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.typed.epochs import PER_SECOND, suggested_format, times_of
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from datetime import date

MOMENT = 1_700_000_000


@pytest.mark.parametrize(("format", "per_second"), PER_SECOND.items())
def test_magnitude_names_the_unit(format: str, per_second: int) -> None:
    values = np.array([MOMENT, MOMENT + 5], np.int64) * per_second
    assert suggested_format(values) == format
    cells, unfit = times_of(pa.array(values), format)
    assert cells.cast(pa.timestamp("s")).cast(pa.int64()).to_pylist() == [MOMENT, MOMENT + 5]
    assert unfit is None


@pytest.mark.parametrize("values", [[], [5], [MOMENT, 5], [MOMENT, MOMENT * 1_000], [2025_02_30], [-MOMENT]])
def test_other_numbers_are_no_times(values: list[int]) -> None:
    assert suggested_format(np.array(values, np.int64)) == ""


@given(st.dates())
def test_compact_days(day: date) -> None:
    number = day.year * 10_000 + day.month * 100 + day.day
    assert (suggested_format(np.array([number])) == "%Y%m%d") == (1900 <= day.year <= 2100)
    cells, unfit = times_of(pa.array([number, None, 2023_02_29, number + 0.5]), "%Y%m%d")
    assert cells.cast(pa.date32()).to_pylist() == [day, None, None, None]
    assert unfit is not None
    assert unfit.tolist() == [False, False, True, True]


def test_fractions_of_seconds() -> None:
    cells, _ = times_of(pa.array([MOMENT + 0.25, None, np.nan, 1e300, -1e300]), "epoch_s")
    assert cells.cast(pa.int64()).to_pylist()[:3] == [MOMENT * 1_000_000 + 250_000, None, None]
    assert cells.cast(pa.int64()).to_pylist()[3] > 2**62


def test_unsigned_numbers_beyond_int64() -> None:
    cells, _ = times_of(pa.array([2**64 - 1, MOMENT], pa.uint64()), "epoch_s")
    assert cells.cast(pa.int64()).to_pylist() == [2**63 - 1, MOMENT]
