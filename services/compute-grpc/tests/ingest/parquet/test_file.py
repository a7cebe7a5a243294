"""One Parquet file: only what is asked for is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from halftone_compute.ingest.parquet.file import ParquetFile
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path


def test_columns_that_are_not_asked_for_are_of_type_null(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(parquet({"a": [1, 2], "b": [[1], [2]], "c": ["x", "y"]}))
    file = ParquetFile(tmp_path / "a", "a")
    assert (file.rows, file.leaves, file.schema.names) == (2, 3, ["a", "b", "c"])
    assert file.unpacked_bytes > 0
    [batch] = file.batches(10, [0, 2])
    assert batch.to_pylist() == [{"a": 1, "b": None, "c": "x"}, {"a": 2, "b": None, "c": "y"}]
    assert batch.column("b").type == pa.null()
    assert [part.num_rows for part in file.batches(1, [2])] == [1, 1]
