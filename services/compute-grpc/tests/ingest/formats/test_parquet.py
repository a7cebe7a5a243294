"""Parquet files: every row once, in order; damaged ones get their name."""

from __future__ import annotations

import random
import struct
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.formats.parquet import ParquetReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Wishes
from halftone_compute.store.manifest import Skipped
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.readers import values_of
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path


def _source(folder: Path, data: bytes) -> ParquetReader:
    (folder / "source").write_bytes(data)
    return ParquetReader(folder / "source", Budget(len(data), 1 << 40), Wishes())


def _code(folder: Path, data: bytes) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        values_of(_source(folder, data))
    return caught.value.code


@pytest.mark.parametrize("group", [1, 7, 1_000])
def test_rows_of_all_groups_in_request(tmp_path: Path, group: int) -> None:
    table = {"a": list(range(50)), "b": [f"k{n % 3}" for n in range(50)], "c": [None, 1.5] * 25}
    source = _source(tmp_path, parquet(table, row_group_size=group))
    assert source.rows_total == 50
    assert values_of(source) == table


def test_bytes_read_grow_to_the_size_of_the_file(tmp_path: Path) -> None:
    data = parquet({"a": np.arange(1_000_000)})
    read = [batch.bytes_read for batch in _source(tmp_path, data).batches()]
    assert read == sorted(read)
    assert read[-1] == len(data)


def test_only_dictionary_columns_are_read_as_codes(tmp_path: Path) -> None:
    table = {"few": ["a", "b"] * 5_000, "many": [f"label number {n}" for n in range(10_000)]}
    source = _source(tmp_path, parquet(table))
    [batch] = source.batches()
    assert [pa.types.is_dictionary(array.type) for array in batch.arrays] == [True, False]
    assert values_of(source) == table


def test_types_without_a_column_are_left_out_by_name(tmp_path: Path) -> None:
    nested = pa.array([[1], [2]])
    source = _source(tmp_path, parquet({"a": [1, 2], "list": nested, "bytes": [b"x", b"y"], "b": ["x", "y"]}))
    assert values_of(source) == {"a": [1, 2], "b": ["x", "y"]}
    assert [skipped.name for skipped in source.skipped] == ["list", "bytes"]
    assert source.skipped[1] == Skipped("bytes", "binary", "unsupported_type")


def test_no_column_is_left(tmp_path: Path) -> None:
    assert _code(tmp_path, parquet({"a": pa.array([[1], [2]])})) == ErrorCode.UNSUPPORTED_TYPE


def test_names_that_repeat_or_look_like_paths(tmp_path: Path) -> None:
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([{"b": 3}]), pa.array([4])], ["x", "x", "a", "a.b"])
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table, sink)
    source = _source(tmp_path, sink.getvalue().to_pybytes())
    assert values_of(source) == {"x": [1], "x_2": [2], "a.b": [3], "a.b_2": [4]}


def test_empty_files(tmp_path: Path) -> None:
    assert _code(tmp_path, b"") == ErrorCode.EMPTY_FILE
    assert _code(tmp_path, parquet({"a": pa.array([], pa.int64())})) == ErrorCode.EMPTY_FILE


@pytest.mark.parametrize("data", [b"\x7fELF", b"<html>", b"a,b\n1,2\n", b"PAR2PAR2"])
def test_other_files(tmp_path: Path, data: bytes) -> None:
    assert _code(tmp_path, data) == ErrorCode.TYPE_MISMATCH


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF, 9, 0])
def test_footer_lengths_that_lie(tmp_path: Path, length: int) -> None:
    data = parquet({"a": [1, 2, 3]})
    assert _code(tmp_path, data[:-8] + struct.pack("<I", length) + b"PAR1") == ErrorCode.CORRUPT_PARQUET


def test_cut_files(tmp_path: Path) -> None:
    data = parquet({"a": list(range(1000))})
    for size in (4, 8, len(data) // 2, len(data) - 1):
        assert _code(tmp_path, data[:size]) == ErrorCode.CORRUPT_PARQUET


def test_damaged_pages(tmp_path: Path) -> None:
    data = bytearray(parquet({"a": np.random.default_rng(1).normal(size=10_000)}, compression="gzip"))
    data[200:5_000] = bytes(4_800)
    assert _code(tmp_path, bytes(data)) == ErrorCode.CORRUPT_PARQUET


def test_random_damage_always_has_a_name(tmp_path: Path) -> None:
    data = parquet({"a": list(range(300)), "b": [f"k{n % 5}" for n in range(300)]}, row_group_size=100)
    dice = random.Random(3)  # noqa: S311 - no secret, and the same damage each time
    for _ in range(300):
        damaged = bytearray(data)
        # The last kilobyte is the footer: where a parser believes what it reads.
        for place in dice.sample(range(max(4, len(data) - 1_000), len(data) - 8), 3):
            damaged[place] = dice.randrange(256)
        try:
            values_of(_source(tmp_path, bytes(damaged)))
        except HalftoneError as error:
            assert error.code != ErrorCode.INTERNAL  # noqa: PT017 - some damage can not be seen
        except MemoryError:
            continue


def test_2001_columns(tmp_path: Path) -> None:
    assert len(_source(tmp_path, parquet({f"c{n}": [n] for n in range(2_000)})).columns) == 2_000
    assert _code(tmp_path, parquet({f"c{n}": [n] for n in range(2_001)})) == ErrorCode.TOO_MANY_COLUMNS


def test_a_bomb_is_seen_in_the_footer(tmp_path: Path) -> None:
    bomb = parquet({"a": np.zeros(20_000_000, np.int64)}, compression="zstd")
    assert len(bomb) < 100_000
    (tmp_path / "source").write_bytes(bomb)
    with pytest.raises(HalftoneError) as caught:
        ParquetReader(tmp_path / "source", Budget(len(bomb), 1 << 40), Wishes())
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_a_late_decimal_makes_the_column_text(tmp_path: Path) -> None:
    cells = pa.array([Decimal(1)] * 5_000 + [Decimal("12345678901234567.5")], pa.decimal128(30, 2))
    (tmp_path / "source").write_bytes(parquet({"a": cells}))
    with pytest.raises(TypesDifferError):
        values_of(ParquetReader(tmp_path / "source", Budget(1 << 20, 1 << 40), Wishes()))
    reader = ParquetReader(tmp_path / "source", Budget(1 << 20, 1 << 40), Wishes(), whole=True)
    assert values_of(reader)["a"][-1] == "12345678901234567.50"
