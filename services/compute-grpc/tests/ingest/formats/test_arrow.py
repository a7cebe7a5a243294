"""Arrow files and streams: every row once, in order; damaged ones get their name."""

from __future__ import annotations

import io
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.formats.arrow import ArrowReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.readers import values_of

if TYPE_CHECKING:
    from pathlib import Path

TABLE: dict[str, Any] = {"a": [1, None, 3], "s": ["x", "y", "x"], "t": [{"x": 1.5}, {"x": 2.5}, None]}
FOUND = {"a": [1, None, 3], "s": ["x", "y", "x"], "t.x": [1.5, 2.5, None]}


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return sink.getvalue().to_pybytes()


def _feather(table: pa.Table, compression: Literal["lz4", "zstd", "uncompressed"], chunk: int = 2) -> bytes:
    sink = io.BytesIO()
    feather.write_feather(table, sink, compression=compression, chunksize=chunk)
    return sink.getvalue()


def _reader(folder: Path, data: bytes, *, most: int = 1 << 40, whole: bool = False) -> ArrowReader:
    (folder / "source").write_bytes(data)
    return ArrowReader(folder / "source", Budget(len(data), most), Wishes(), whole=whole)


def _code(folder: Path, data: bytes) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        values_of(_reader(folder, data))
    return caught.value.code


def test_files_and_streams(tmp_path: Path) -> None:
    table = pa.table(TABLE)
    files = [_feather(table, "lz4"), _feather(table, "zstd"), _feather(table, "uncompressed"), _stream(table)]
    for data in files:
        assert values_of(_reader(tmp_path, data)) == FOUND
        read = [batch.bytes_read for batch in _reader(tmp_path, data).batches()]
        assert len(read) == 2
        assert 0 < read[0] < read[1] <= len(data)


def test_large_batches_are_cut(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array(np.arange(600_000))})
    reader = _reader(tmp_path, _stream(table.combine_chunks()))
    assert sum(batch.rows for batch in reader.batches()) == 600_000
    packed = _reader(tmp_path, _feather(table, "lz4", 600_000))
    assert [batch.rows for batch in packed.batches()] == [262_144, 262_144, 75_712]


def test_a_late_decimal_makes_the_column_text(tmp_path: Path) -> None:
    cells = pa.array([Decimal(1), Decimal(2), Decimal("12345678901234567.5")], pa.decimal128(30, 1))
    data = _stream(pa.table({"a": cells}))
    with pytest.raises(TypesDifferError):
        values_of(_reader(tmp_path, data))
    assert values_of(_reader(tmp_path, data, whole=True))["a"][-1] == "12345678901234567.5"


def test_empty_and_other_files(tmp_path: Path) -> None:
    assert _code(tmp_path, b"") == ErrorCode.EMPTY_FILE
    assert _code(tmp_path, b"a,b\n1,2\n") == ErrorCode.TYPE_MISMATCH
    with pytest.raises(HalftoneError, match="Feather version 1"):
        _reader(tmp_path, b"FEA1" + bytes(40))


def test_cut_files(tmp_path: Path) -> None:
    for data in (_stream(pa.table(TABLE)), _feather(pa.table(TABLE), "lz4")):
        for size in (5, len(data) // 3, len(data) // 2):
            assert _code(tmp_path, data[:size]) == ErrorCode.TYPE_MISMATCH


def test_a_bomb_meets_the_budget(tmp_path: Path) -> None:
    data = _feather(pa.table({"a": pa.array(np.zeros(100_000))}), "zstd")
    reader = _reader(tmp_path, data, most=500_000)
    with pytest.raises(HalftoneError) as caught:
        list(reader.batches())
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_random_damage_always_has_a_name(tmp_path: Path) -> None:
    dice = random.Random(3)  # noqa: S311 - no secret, and the same damage each time
    for data in (_stream(pa.table(TABLE)), _feather(pa.table(TABLE), "lz4")):
        for _ in range(150):
            damaged = bytearray(data)
            for place in dice.sample(range(8, len(data) - 8), 3):
                damaged[place] = dice.randrange(256)
            try:
                values_of(_reader(tmp_path, bytes(damaged)))
            except HalftoneError as error:
                assert error.code != ErrorCode.INTERNAL  # noqa: PT017 - some damage can not be seen
            except (MemoryError, TypesDifferError):
                continue
