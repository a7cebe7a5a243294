"""Category columns on disk: codes are ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given
from hypothesis import strategies as st
from ingest_rig.columns import labels, values, written

if TYPE_CHECKING:
    from pathlib import Path


def test_codes_are_ranks_by_frequency_then_label_and_missing_is_one_of_them(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array(["b", None, "a", "c"]), pa.array(["c", None, "c", "a", "b"]))
    assert entry.info.categories == (("c", 3), ("a", 2), ("b", 2), (None, 2))
    assert (entry.info.nulls, entry.info.distinct, entry.layout) == (2, 4, "<i4")
    assert values(tmp_path, entry).tolist() == [2, 3, 1, 0, 0, 3, 0, 1, 2]
    assert labels(tmp_path, entry) == [["c", 3], ["a", 2], ["b", 2], [None, 2]]


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "ß", "日", None]), max_size=20), min_size=1, max_size=4))
def test_any_batches_give_the_ranks_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("columns")
    entry = written(folder, *(pa.array(batch, pa.string()) for batch in batches))
    rows = [label for batch in batches for label in batch]
    counts = {label: rows.count(label) for label in rows}
    ranked = sorted(counts, key=lambda label: (-counts[label], label is None, label or ""))
    assert entry.info.categories == tuple((label, counts[label]) for label in ranked)
    codes = values(folder, entry).tolist() if rows else []
    assert [ranked[code] for code in codes] == rows


def test_dictionaries_with_unused_repeated_and_missing_entries(tmp_path: Path) -> None:
    codes = pa.array([0, 2, 3, None, 0], pa.int32())
    array = pa.DictionaryArray.from_arrays(codes, pa.array(["x", "unused", "x", None]))
    entry = written(tmp_path, array)
    assert entry.info.categories == (("x", 3), (None, 2))
    assert values(tmp_path, entry).tolist() == [0, 0, 1, 1, 0]


def test_booleans(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([True, False, True, None]))
    assert (entry.info.dtype, entry.info.categories) == ("bool", (("true", 2), ("false", 1), (None, 1)))


def test_the_manifest_names_the_256_most_frequent(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([f"{n:04d}" for n in range(1_000)] + ["0500"]))
    assert (len(entry.info.categories), entry.info.distinct) == (256, 1_000)
    assert entry.info.categories[0] == ("0500", 2)
    assert len(labels(tmp_path, entry)) == 1_000


@pytest.mark.parametrize("data", [b"a\xff", b"a\0b"])
def test_labels_that_are_no_text(tmp_path: Path, data: bytes) -> None:
    array = pa.array([data]).view(pa.string())
    with pytest.raises(HalftoneError) as caught:
        written(tmp_path, array)
    assert caught.value.code == ErrorCode.BAD_ENCODING
