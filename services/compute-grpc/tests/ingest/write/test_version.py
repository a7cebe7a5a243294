"""Columns on disk: exact values, ranked categories, text when labels are too many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.columns import source_column
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.write.version import VersionWriter
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.format import Cells
    from halftone_compute.store.manifest import ColumnEntry


def _written(folder: Path, *batches: Cells) -> ColumnEntry:
    """One column of the given Arrow arrays, all of one type."""
    column = source_column("a", batches[0].type)
    assert column is not None
    folder.mkdir(exist_ok=True)
    writer = VersionWriter(folder, [column], Budget(1 << 30, 1 << 40))
    for batch in batches:
        writer.add([batch])
    [entry] = writer.finish()
    return entry


def _values(folder: Path, entry: ColumnEntry) -> np.ndarray:
    return np.fromfile(folder / entry.files["values"].file, entry.layout)


def _labels(folder: Path, entry: ColumnEntry) -> list[list[Any]]:
    made: list[list[Any]] = json.loads((folder / entry.files["labels"].file).read_text())
    return made


def test_numbers(tmp_path: Path) -> None:
    entry = _written(tmp_path, pa.array([1, None], pa.int16()), pa.array([3], pa.int16()))
    assert (entry.info.type, entry.info.dtype, entry.layout, entry.storage) == ("number", "int16", "<i2", "plain")
    assert (entry.info.min, entry.info.max, entry.info.nulls, entry.info.distinct) == (1.0, 3.0, 1, 2)
    assert _values(tmp_path, entry).tolist() == [1, 0, 3]
    assert np.fromfile(tmp_path / entry.files["valid"].file, bool).tolist() == [True, False, True]


def test_times(tmp_path: Path) -> None:
    entry = _written(tmp_path, pa.array([1, 2], pa.timestamp("ms", "UTC")))
    assert (entry.info.type, entry.info.min, entry.info.max) == ("time", 1_000.0, 2_000.0)
    assert _values(tmp_path, entry).tolist() == [1_000, 2_000]


def test_infinities_and_nan(tmp_path: Path) -> None:
    entry = _written(tmp_path, pa.array([np.inf, -np.inf, np.nan, None]))
    assert (entry.info.min, entry.info.max, entry.info.nulls) == (None, None, 2)
    assert "valid" not in entry.files


def test_codes_are_ranks_by_frequency_then_label_and_missing_is_one_of_them(tmp_path: Path) -> None:
    entry = _written(tmp_path, pa.array(["b", None, "a", "c"]), pa.array(["c", None, "c", "a", "b"]))
    assert entry.info.categories == (("c", 3), ("a", 2), ("b", 2), (None, 2))
    assert (entry.info.nulls, entry.info.distinct, entry.layout) == (2, 4, "<i4")
    assert _values(tmp_path, entry).tolist() == [2, 3, 1, 0, 0, 3, 0, 1, 2]
    assert _labels(tmp_path, entry) == [["c", 3], ["a", 2], ["b", 2], [None, 2]]


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "ß", "日", None]), max_size=20), min_size=1, max_size=4))
def test_any_batches_give_the_ranks_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("columns")
    entry = _written(folder, *(pa.array(batch, pa.string()) for batch in batches))
    rows = [label for batch in batches for label in batch]
    counts = {label: rows.count(label) for label in rows}
    ranked = sorted(counts, key=lambda label: (-counts[label], label is None, label or ""))
    assert entry.info.categories == tuple((label, counts[label]) for label in ranked)
    codes = _values(folder, entry).tolist() if rows else []
    assert [ranked[code] for code in codes] == rows


def test_dictionaries_with_unused_repeated_and_missing_entries(tmp_path: Path) -> None:
    codes = pa.array([0, 2, 3, None, 0], pa.int32())
    array = pa.DictionaryArray.from_arrays(codes, pa.array(["x", "unused", "x", None]))
    entry = _written(tmp_path, array)
    assert entry.info.categories == (("x", 3), (None, 2))
    assert _values(tmp_path, entry).tolist() == [0, 0, 1, 1, 0]


def test_booleans(tmp_path: Path) -> None:
    entry = _written(tmp_path, pa.array([True, False, True, None]))
    assert (entry.info.dtype, entry.info.categories) == ("bool", (("true", 2), ("false", 1), (None, 1)))


def test_the_manifest_names_the_256_most_frequent(tmp_path: Path) -> None:
    entry = _written(tmp_path, pa.array([f"{n:04d}" for n in range(1_000)] + ["0500"]))
    assert (len(entry.info.categories), entry.info.distinct) == (256, 1_000)
    assert entry.info.categories[0] == ("0500", 2)
    assert len(_labels(tmp_path, entry)) == 1_000


def test_65536_labels_are_categories_and_one_more_is_text(tmp_path: Path) -> None:
    labels = [f"label {n}" for n in range(65_536)]
    assert _written(tmp_path / "most", pa.array([*labels, None])).info.type == "category"
    entry = _written(tmp_path / "more", pa.array(labels), pa.array([None, "label 7"]), pa.array(["ü", ""]))
    assert (entry.info.type, entry.storage, entry.info.nulls) == ("text", "utf8", 0 + 1)


def test_text_keeps_every_row(tmp_path: Path) -> None:
    first = [f"label {n}" for n in range(40_000)] + [None, ""]
    second = [f"other {n}" for n in range(40_000)] + ["日本", None]
    entry = _written(tmp_path, pa.array(first), pa.array(second).dictionary_encode(), pa.array(["end"]))
    offsets = np.fromfile(tmp_path / entry.files["offsets"].file, "<i8")
    data = (tmp_path / entry.files["values"].file).read_bytes()
    valid = np.fromfile(tmp_path / entry.files["valid"].file, bool)
    read = [
        data[start:end].decode() if is_valid else None
        for start, end, is_valid in zip(offsets[:-1], offsets[1:], valid, strict=True)
    ]
    assert read == [*first, *second, "end"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c0000.offsets", "c0000.text", "c0000.valid"]


def test_a_long_label_makes_text(tmp_path: Path) -> None:
    assert _written(tmp_path / "at", pa.array(["x" * 512])).info.type == "category"
    assert _written(tmp_path / "over", pa.array(["é" * 257])).info.type == "text"


@pytest.mark.parametrize("data", [b"a\xff", b"a\0b"])
def test_labels_that_are_no_text(tmp_path: Path, data: bytes) -> None:
    array = pa.array([data]).view(pa.string())
    with pytest.raises(HalftoneError) as caught:
        _written(tmp_path, array)
    assert caught.value.code == ErrorCode.BAD_ENCODING


def test_wide_tables_send_fewer_labels_to_the_catalogue(tmp_path: Path) -> None:
    column = source_column("a", pa.string())
    assert column is not None
    writer = VersionWriter(tmp_path, [column] * 100, Budget(1 << 30, 1 << 40))
    writer.add([pa.array([f"{n:04d}" for n in range(300)])] * 100)
    assert {len(entry.info.categories) for entry in writer.finish()} == {81}
