"""All columns of a version together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.columns import source_column
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.write.version import VersionWriter
from halftone_servicekit.errors import HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def test_wide_tables_send_fewer_labels_to_the_catalogue(tmp_path: Path) -> None:
    column = source_column("a", pa.string())
    assert column is not None
    writer = VersionWriter(tmp_path, [column] * 100, Budget(1 << 30, 1 << 40))
    writer.add([pa.array([f"{n:04d}" for n in range(300)])] * 100)
    assert {len(entry.info.categories) for entry in writer.finish()} == {81}


def test_columns_of_many_rows_are_written_at_once_and_each_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_compute.ingest.write.version.threads_to_use", lambda: 3)
    column = source_column("a", pa.float64())
    assert column is not None
    budget = Budget(1 << 30, 1 << 40)
    writer = VersionWriter(tmp_path, [column] * 7, budget)
    values = np.random.default_rng(1).random((7, 2, 40_000))
    for batch in range(2):
        writer.add([pa.array(values[place, batch]) for place in range(7)])
    for place, entry in enumerate(writer.finish()):
        np.testing.assert_array_equal(np.fromfile(tmp_path / entry.files["values"].file), values[place].reshape(-1))
        assert entry.info.min == values[place].min()
    with pytest.raises(HalftoneError):
        budget.spend((1 << 40) - values.nbytes + 1)


def test_an_error_in_one_of_many_columns_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halftone_compute.ingest.write.version.threads_to_use", lambda: 2)
    column = source_column("a", pa.float64())
    assert column is not None
    writer = VersionWriter(tmp_path, [column] * 3, Budget(1 << 30, 1_000_000))
    with pytest.raises(HalftoneError):
        writer.add([pa.array(np.zeros(50_000))] * 3)


def test_units_and_cells_that_did_not_fit(tmp_path: Path) -> None:
    column = source_column("a", pa.float64())
    assert column is not None
    writer = VersionWriter(tmp_path, [column], Budget(1 << 30, 1 << 40))
    writer.add([pa.array([1.5, None, None, None])])
    [entry] = writer.finish({"a": "km"}, {"a": 2})
    assert (entry.info.unit, entry.info.nulls, entry.info.unreadable) == ("km", 1, 2)
