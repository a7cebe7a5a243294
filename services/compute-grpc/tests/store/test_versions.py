"""Reading versions from disk: exact values, narrowed by the grant, and a named error for every kind of damage."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import DATASET, VERSION, Made, error_code, read_blocks, write
from halftone_compute.store.base import BLOCK_ROWS
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def test_values_and_validity_come_back(made: Made) -> None:
    [block] = read_blocks(made, "a", "b", "c")
    assert block.start == 0
    assert block.values["a"].dtype == np.int16
    np.testing.assert_array_equal(block.values["a"], np.arange(10))
    np.testing.assert_array_equal(block.values["b"], np.arange(10) / 3)
    assert set(block.valid) == {"c"}
    np.testing.assert_array_equal(block.valid["c"], np.arange(10) % 2 == 0)


def test_many_rows_come_in_blocks_that_cover_each_once(tmp_path: Path) -> None:
    values = np.arange(2 * BLOCK_ROWS + 7, dtype=np.uint32)
    blocks = read_blocks(write(tmp_path, {"a": values}), "a")
    assert [block.start for block in blocks] == [0, BLOCK_ROWS, 2 * BLOCK_ROWS]
    np.testing.assert_array_equal(np.concatenate([block.values["a"] for block in blocks]), values)


def test_no_rows(tmp_path: Path) -> None:
    made = write(tmp_path, {"a": np.empty(0, np.float32)})
    assert LocalStore(tmp_path).open(made.grant()).rows == 0
    assert read_blocks(made, "a") == []


def test_runs_of_rows_come_alone_and_are_kept_by_no_engine(made: Made) -> None:
    version = LocalStore(made.root).open(made.grant())
    blocks = list(version.blocks(["a"], [(2, 4), (7, 8)]))
    assert [(block.start, block.values["a"].tolist(), block.version) for block in blocks] == [
        (2, [2, 3], ""),
        (7, [7], ""),
    ]
    assert version.index is None


def test_a_grant_narrows_the_columns(made: Made) -> None:
    version = LocalStore(made.root).open(made.grant("a"))
    assert (version.version_id, version.rows, list(version.columns)) == (VERSION, 10, ["a"])
    for hidden in ("b", "never there"):
        with pytest.raises(HalftoneError) as caught:
            version.blocks([hidden], None)
        assert (caught.value.code, caught.value.field) == (ErrorCode.UNKNOWN_COLUMN, hidden)


def test_text_cannot_be_drawn(made: Made) -> None:
    assert error_code(made, "note") == ErrorCode.UNSUPPORTED_TYPE


def test_a_damaged_manifest_is_corrupt(made: Made) -> None:
    raw = made.file("manifest.json").read_bytes()
    made.file("manifest.json").write_bytes(raw.replace(b'"rows": 10', b'"rows": 11'))
    assert error_code(made, "a") == ErrorCode.DATA_CORRUPT


def test_a_removed_version_is_gone_even_when_it_was_open(made: Made) -> None:
    store = LocalStore(made.root)
    version = store.open(made.grant())
    [block] = version.blocks(["a"], None)
    shutil.rmtree(made.file("manifest.json").parent)
    assert error_code(made, "a", store=store) == ErrorCode.VERSION_GONE
    with pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None)
    assert caught.value.code == ErrorCode.VERSION_GONE
    np.testing.assert_array_equal(block.values["a"], np.arange(10))


def test_a_manifest_of_another_version_is_corrupt(made: Made) -> None:
    with pytest.raises(HalftoneError) as caught:
        LocalStore(made.root).open(made.grant(version_id=DATASET))
    assert caught.value.code == ErrorCode.DATA_CORRUPT


@pytest.mark.parametrize("path", ["../outside.json", "/etc/passwd", "datasets/../../outside.json", "a\0b", "link"])
def test_nothing_outside_the_root_is_read(made: Made, path: str) -> None:
    outside = made.root.parent / "outside.json"
    shutil.copy(made.file("manifest.json"), outside)
    (made.root / "link").symlink_to(outside)
    with pytest.raises(HalftoneError) as caught:
        LocalStore(made.root).open(made.grant(manifest=path))
    assert caught.value.code == ErrorCode.DATA_CORRUPT


def test_only_the_latest_versions_stay_open(tmp_path: Path) -> None:
    first = write(tmp_path / "1", {"a": np.arange(3)})
    shutil.move(tmp_path / "1" / "datasets", tmp_path / "one")
    second = write(tmp_path / "2", {"a": np.arange(3)})
    shutil.move(tmp_path / "2" / "datasets", tmp_path / "two")
    store = LocalStore(tmp_path, max_open=1)
    grants = [
        first.grant(manifest=first.manifest.replace("datasets", "one", 1)),
        second.grant(manifest=second.manifest.replace("datasets", "two", 1)),
    ]
    [kept] = store.open(grants[0]).blocks(["a"], None)
    for _ in range(3):
        for grant in grants:
            assert len(list(store.open(grant).blocks(["a"], None))) == 1
            assert len(store._open) == 1
    np.testing.assert_array_equal(kept.values["a"], np.arange(3))
