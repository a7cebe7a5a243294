"""Columns in the names of folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from halftone_compute.ingest.formats.parquet import ParquetReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.parquet.partitions import Partitions
from halftone_compute.ingest.reading import Wishes
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path

BATCH = pa.record_batch({"a": pa.array([1, 2])})


def test_numbers_text_and_missing_values() -> None:
    names = [
        "y=2024/m=01/city=S%C3%A3o%20Paulo/1.parquet",
        "y=-5/m=11/city=__HIVE_DEFAULT_PARTITION__/2.parquet",
        "y=0/m=12/3.parquet",
    ]
    partitions = Partitions(names, {"a"})
    found = [partitions.extended(BATCH, place).to_pylist()[1] for place in range(3)]
    assert found == [
        {"a": 2, "y": 2024, "m": "01", "city": "São Paulo"},
        {"a": 2, "y": -5, "m": "11", "city": None},
        {"a": 2, "y": 0, "m": "12", "city": None},
    ]


def test_columns_of_the_files_win() -> None:
    assert Partitions(["a=1/x.parquet"], {"a"}).extended(BATCH, 0) is BATCH


def test_a_folder_of_partitions(tmp_path: Path) -> None:
    for year in (2023, 2024):
        (tmp_path / f"year={year}").mkdir()
        (tmp_path / f"year={year}" / "1.parquet").write_bytes(parquet({"a": [year, 1]}))
    for columns, expected in (({}, [[2023, 1], [2023, 2023]]), ({"a": {"leave_out": True}}, [[2023, 2023]])):
        reader = ParquetReader(tmp_path, Budget(1 << 20, 1 << 40), Wishes(columns=columns))
        first, _ = reader.batches()
        assert [array.to_pylist() for array in first.arrays] == expected
