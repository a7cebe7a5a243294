"""A table in several files: one table, or the part that is wrong by name."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from halftone_compute.ingest.formats.parquet import ParquetReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.readers import values_of
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path


def _code(folder: Path, data: bytes) -> ErrorCode:
    (folder / "source").write_bytes(data)
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(folder / "source", Budget(len(data), 1 << 40), Wishes())
    return caught.value.code


def _parts(folder: Path, tables: dict[str, dict[str, Any]]) -> Path:
    for name, table in tables.items():
        path = folder / "parts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(parquet(table))
    return folder / "parts"


def _zipped(folder: Path) -> Path:
    shutil.make_archive(str(folder), "zip", folder)
    return folder.with_suffix(".zip")


@pytest.mark.parametrize("packed", [False, True])
def test_parts_are_one_table_by_name(tmp_path: Path, packed: bool) -> None:
    tables: dict[str, dict[str, Any]] = {
        "b/2.parquet": {"s": ["z"], "a": pa.array([300], pa.int32())},
        "1.parquet": {"a": pa.array([1, 2], pa.int8()), "s": ["x", "y"], "late": [1.5, 2.5]},
        "_metadata.parquet": {"other": [1]},
        "note.txt": {"other": [1]},
    }
    path = _parts(tmp_path, tables)
    path = _zipped(path) if packed else path
    reader = ParquetReader(path, Budget(1 << 20, 1 << 40), Wishes())
    assert reader.rows_total == 3
    assert values_of(reader) == {"a": [1, 2, 300], "s": ["x", "y", "z"], "late": [1.5, 2.5, None]}
    assert [warning.text for warning in reader.reading.warnings] == ["b/2.parquet has no column late."]
    assert [batch.bytes_read for batch in reader.batches()][-1] == sum(
        (tmp_path / "parts" / name).stat().st_size for name in ("1.parquet", "b/2.parquet")
    )


def test_parts_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    path = _parts(tmp_path, {"1.parquet": {"a": [1]}, "2.parquet": {"a": ["x"]}})
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(path, Budget(1 << 20, 1 << 40), Wishes())
    assert (caught.value.code, caught.value.detail) == (
        ErrorCode.TYPE_MISMATCH,
        "2.parquet: a is string, in the parts before int64.",
    )


def test_one_damaged_part_is_named(tmp_path: Path) -> None:
    path = _parts(tmp_path, {"1.parquet": {"a": [1]}, "2.parquet": {"a": [1]}})
    (path / "2.parquet").write_bytes(b"PAR1")
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(path, Budget(1 << 20, 1 << 40), Wishes())
    assert caught.value.code == ErrorCode.CORRUPT_PARQUET
    assert caught.value.detail.startswith("2.parquet: ")


def test_archives_that_cannot_be_read(tmp_path: Path) -> None:
    bomb = _zipped(_parts(tmp_path / "bomb", {"1.parquet": {"a": list(range(10_000))}}))
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(bomb, Budget(0, 1_000), Wishes())
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED
    assert _code(tmp_path, bomb.read_bytes()[:300]) == ErrorCode.TYPE_MISMATCH
    assert _code(tmp_path, b"PK\x05\x06" + bytes(18)) == ErrorCode.TYPE_MISMATCH
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(tmp_path / "bomb", Budget(0, 1_000), Wishes())
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED
    (tmp_path / "empty").mkdir()
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(tmp_path / "empty", Budget(0, 1_000), Wishes())
    assert caught.value.code == ErrorCode.EMPTY_FILE
