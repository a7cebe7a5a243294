"""The workspace that hold for every file, at the limit and one past it."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.limits import Budget, batch_rows, check_columns
from halftone_servicekit.errors import ErrorCode, HalftoneError


def test_a_small_file_may_unpack_to_64_mib() -> None:
    budget = Budget(source_bytes=10, max_bytes=1 << 40)
    budget.spend(64 << 20)
    with pytest.raises(HalftoneError) as caught:
        budget.spend(1)
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_a_large_file_may_grow_a_hundredfold() -> None:
    budget = Budget(source_bytes=1 << 20, max_bytes=1 << 40)
    budget.check(100 << 20)
    with pytest.raises(HalftoneError):
        budget.check((100 << 20) + 1)


def test_the_setting_bounds_all() -> None:
    with pytest.raises(HalftoneError):
        Budget(source_bytes=1 << 30, max_bytes=1_000).spend(1_001)


def test_columns() -> None:
    check_columns(2_000)
    with pytest.raises(HalftoneError) as caught:
        check_columns(2_001)
    assert caught.value.code == ErrorCode.TOO_MANY_COLUMNS


def test_wide_files_are_read_in_smaller_batches() -> None:
    assert batch_rows(5) == 262_144
    assert batch_rows(2_000) == 1_024
    assert batch_rows(20) == 100_000
