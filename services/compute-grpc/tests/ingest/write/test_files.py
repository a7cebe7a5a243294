"""Column files: bytes, sums and places are what the manifest says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.write.files import ColumnFile, ValidityFile
from halftone_compute.store.data_file import DataFile
from halftone_servicekit.errors import HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def _budget() -> Budget:
    return Budget(1 << 30, 1 << 30)


def _described(path: Path) -> DataFile:
    data = path.read_bytes()
    return DataFile(path.name, len(data), hashlib.sha256(data).hexdigest())


def test_written_in_parts(tmp_path: Path) -> None:
    file = ColumnFile(tmp_path, "c0.values", _budget())
    file.write(np.arange(6, dtype="<i4")[::2])
    file.write(np.empty(0, "<i4"))
    file.write(b"abcd")
    assert file.close() == _described(tmp_path / "c0.values")
    assert (tmp_path / "c0.values").read_bytes() == np.array([0, 2, 4], "<i4").tobytes() + b"abcd"


def test_numbers_rewritten_in_place(tmp_path: Path) -> None:
    codes = np.arange(2_500_000, dtype="<i4") % 3
    file = ColumnFile(tmp_path, "c0.values", _budget())
    file.write(codes)
    file.rewrite(codes.dtype, np.array([2, 0, 1], "<i4").__getitem__)
    assert file.close() == _described(tmp_path / "c0.values")
    np.testing.assert_array_equal(np.fromfile(tmp_path / "c0.values", "<i4"), (codes + 2) % 3)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "c0.values").touch()
    with pytest.raises(FileExistsError):
        ColumnFile(tmp_path, "c0.values", _budget())


def test_the_budget_is_asked_before_the_write(tmp_path: Path) -> None:
    file = ColumnFile(tmp_path, "c0.values", Budget(0, 10))
    with pytest.raises(HalftoneError):
        file.write(bytes(11))
    assert file.close().bytes == 0


def test_no_nulls_no_validity_file(tmp_path: Path) -> None:
    validity = ValidityFile(tmp_path, "c0.valid", _budget())
    validity.add(5, None)
    assert next(validity.chunks()) is None
    assert validity.finish() == {}
    assert list(tmp_path.iterdir()) == []


def test_validity_before_and_after_the_first_null(tmp_path: Path) -> None:
    validity = ValidityFile(tmp_path, "c0.valid", _budget())
    validity.add(1_100_000, None)
    validity.add(2, np.array([True, False]))
    validity.add(3, None)
    chunks = [chunk for chunk in validity.chunks() if chunk is not None]
    assert validity.finish() == {"valid": _described(tmp_path / "c0.valid")}
    np.testing.assert_array_equal(np.concatenate(chunks), np.fromfile(tmp_path / "c0.valid", bool))
    expected = np.ones(1_100_005, np.uint8)
    expected[1_100_001] = 0
    np.testing.assert_array_equal(np.fromfile(tmp_path / "c0.valid", np.uint8), expected)
