"""All columns of a version together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from halftone_compute.ingest.columns import source_column
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.write.version import VersionWriter

if TYPE_CHECKING:
    from pathlib import Path


def test_wide_tables_send_fewer_labels_to_the_catalogue(tmp_path: Path) -> None:
    column = source_column("a", pa.string())
    assert column is not None
    writer = VersionWriter(tmp_path, [column] * 100, Budget(1 << 30, 1 << 40))
    writer.add([pa.array([f"{n:04d}" for n in range(300)])] * 100)
    assert {len(entry.info.categories) for entry in writer.finish()} == {81}


def test_units_and_cells_that_did_not_fit(tmp_path: Path) -> None:
    column = source_column("a", pa.float64())
    assert column is not None
    writer = VersionWriter(tmp_path, [column], Budget(1 << 30, 1 << 40))
    writer.add([pa.array([1.5, None, None, None])])
    [entry] = writer.finish({"a": "km"}, {"a": 2})
    assert (entry.info.unit, entry.info.nulls, entry.info.unreadable) == ("km", 1, 2)
