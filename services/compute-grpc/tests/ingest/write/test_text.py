"""Text columns on disk: every row, whenever the labels become too many or too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from ingest_rig.columns import written

if TYPE_CHECKING:
    from pathlib import Path


def test_65536_labels_are_categories_and_one_more_is_text(tmp_path: Path) -> None:
    labels = [f"label {n}" for n in range(65_536)]
    assert written(tmp_path / "most", pa.array([*labels, None])).info.type == "category"
    entry = written(tmp_path / "more", pa.array(labels), pa.array([None, "label 7"]), pa.array(["ü", ""]))
    assert (entry.info.type, entry.storage, entry.info.nulls) == ("text", "utf8", 0 + 1)


def test_text_keeps_every_row(tmp_path: Path) -> None:
    first = [f"label {n}" for n in range(40_000)] + [None, ""]
    second = [f"other {n}" for n in range(40_000)] + ["日本", None]
    entry = written(tmp_path, pa.array(first), pa.array(second).dictionary_encode(), pa.array(["end"]))
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
    assert written(tmp_path / "at", pa.array(["x" * 512])).info.type == "category"
    assert written(tmp_path / "over", pa.array(["é" * 257])).info.type == "text"
