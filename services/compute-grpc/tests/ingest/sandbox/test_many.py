"""Many files of one shape become one version; one of another shape is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest, PreviewRequest, Progress
from halftone_compute.ingest.sandbox.preview import preview
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.tokens import Grant
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.base import Block
    from halftone_compute.store.manifest import Manifest


def _folder(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root / "source"


def _imported(root: Path, files: dict[str, str | bytes], kind: str = "csv") -> tuple[Manifest, list[Progress]]:
    reported: list[Progress] = []
    (root / "version").mkdir()
    request = ConvertRequest(_folder(root, files), kind, root / "version", "d", "v", 1 << 40)
    return convert(request, reported.append), reported


def _column(root: Path, name: str) -> np.ndarray:
    grant = Grant("someone", "d", "v", "version/manifest.json", frozenset("*"), "", "view", 4e9)
    blocks: list[Block] = list(LocalStore(root).open(grant).blocks([name], None))
    return np.concatenate([block.values[name] for block in blocks])


def test_fifty_parts_in_the_order_of_their_names(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {
        f"part-{number:02}.parquet": parquet({"x": np.arange(100) + 100 * number, "y": np.full(100, number / 2)})
        for number in range(50)
    }
    manifest, reported = _imported(tmp_path, parts, "parquet")
    assert manifest.rows == 5_000
    np.testing.assert_array_equal(_column(tmp_path, "x"), np.arange(5_000))
    assert reported[-1].bytes_total == sum(map(len, parts.values()))


def test_texts_with_columns_in_another_order_and_fractions_in_one_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "2.csv": "y,x,k\n2.5,10,c\n4,30,\n",
        "1.csv": "x,y,k\n1,2,a\n3,4,b\n",
        "10.csv": "x,y,k\n7,oops,a\n8,1,b\n",
        "_SUCCESS": "",
    }
    manifest, reported = _imported(tmp_path, files)
    assert [column.info.name for column in manifest.columns] == ["x", "y", "k"]
    np.testing.assert_array_equal(_column(tmp_path, "x"), [1, 3, 7, 8, 10, 30])
    np.testing.assert_array_equal(_column(tmp_path, "y"), [2, 4, np.nan, 1, 2.5, 4])
    assert manifest.unreadable == {"y": {"count": 1, "cells": ({"line": 2, "text": "oops"},)}}
    assert reported[-1] == Progress("checksums", 6, 6, 60, 60)


def test_lines_and_workbooks_have_no_dialect_in_common(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.ndjson": '{"x": 1, "y": 2}\n', "b.ndjson": '{"y": 3, "x": 4}\n'}
    manifest, _ = _imported(tmp_path, files, "ndjson")
    assert manifest.rows == 2
    np.testing.assert_array_equal(_column(tmp_path, "x"), [1, 4])


@pytest.mark.parametrize(
    ("second", "error"),
    [
        ("x,z\n1,2\n", r"type_mismatch: b.csv: "),
        ("x,y,z\n1,2,3\n", r"type_mismatch: b.csv: it has a column z, and others have none"),
        ("x\n1\n", r"type_mismatch: b.csv: "),
        ("", r"empty_file: b.csv: "),
        ("x,y\n9007199254740993,2\n", r"type_mismatch: b.csv: x holds whole numbers"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_name(tmp_path: Path, second: str, error: str) -> None:
    with pytest.raises(HalftoneError, match=error):
        _imported(tmp_path, {"a.csv": "x,y\n1.5,2\n", "b.csv": second})


def test_a_preview_finds_it_before_the_import(tmp_path: Path) -> None:
    folder = _folder(tmp_path, {"a.csv": "x,y\n1,2\n", "b.csv": "x,y\n3,4\n", "c.csv": "x,q\n3,4\n"})
    (tmp_path / "preview").mkdir()
    request = PreviewRequest(folder, "csv", tmp_path / "preview", 1 << 30)
    with pytest.raises(HalftoneError, match=r"type_mismatch: c.csv"):
        preview(request, lambda _: None)
    (folder / "c.csv").unlink()
    found = preview(request, lambda _: None)
    assert (found["sampled_rows"], found["rows"]) == (2, [["1", "2"], ["3", "4"]])


def test_the_same_parts_are_the_same_version_and_their_order_counts(tmp_path: Path) -> None:
    hashes = []
    for place, names in enumerate((("a", "b"), ("a", "b"), ("b", "a"))):
        root = tmp_path / str(place)
        root.mkdir()
        made, _ = _imported(root, {f"{names[0]}.csv": "x,y\n1,2\n", f"{names[1]}.csv": "x,y\n3,4\n"})
        hashes.append(made.content_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_folder_without_files_is_empty(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError, match="empty_file"):
        _imported(tmp_path, {"_notes.csv": "x,y\n1,2\n"})
