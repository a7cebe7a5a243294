"""Reading versions from disk: exact values, no copy, and a named error for every kind of damage."""

from __future__ import annotations

import os
import shutil
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import DATASET, VERSION, Made, write
from halftone_compute.store import versions as local
from halftone_compute.store.base import BLOCK_ROWS, Block, Box
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _blocks(made: Made, *columns: str, store: LocalStore | None = None) -> list[Block]:
    return list((store or LocalStore(made.root)).open(made.grant()).blocks(columns, None))


def _code(made: Made, *columns: str, store: LocalStore | None = None) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        _blocks(made, *columns, store=store)
    return caught.value.code


@pytest.fixture
def made(tmp_path: Path) -> Made:
    rows = np.arange(10)
    return write(
        tmp_path,
        {"a": rows.astype(np.int16), "b": rows / 3, "c": rows.astype(np.int64)},
        {"c": rows % 2 == 0},
    )


def test_values_and_validity_come_back(made: Made) -> None:
    [block] = _blocks(made, "a", "b", "c")
    assert block.start == 0
    assert block.values["a"].dtype == np.int16
    np.testing.assert_array_equal(block.values["a"], np.arange(10))
    np.testing.assert_array_equal(block.values["b"], np.arange(10) / 3)
    assert set(block.valid) == {"c"}
    np.testing.assert_array_equal(block.valid["c"], np.arange(10) % 2 == 0)


def test_blocks_are_maps_and_not_copies(made: Made) -> None:
    [block] = _blocks(made, "a")
    assert type(block.values["a"]) is np.ndarray
    assert not block.values["a"].flags.owndata
    assert not block.values["a"].flags.writeable


def test_many_rows_come_in_blocks_that_cover_each_once(tmp_path: Path) -> None:
    values = np.arange(2 * BLOCK_ROWS + 7, dtype=np.uint32)
    blocks = _blocks(write(tmp_path, {"a": values}), "a")
    assert [block.start for block in blocks] == [0, BLOCK_ROWS, 2 * BLOCK_ROWS]
    np.testing.assert_array_equal(np.concatenate([block.values["a"] for block in blocks]), values)


def test_no_rows(tmp_path: Path) -> None:
    made = write(tmp_path, {"a": np.empty(0, np.float32)})
    assert LocalStore(tmp_path).open(made.grant()).rows == 0
    assert _blocks(made, "a") == []


def test_a_box_never_loses_rows_inside_it(made: Made) -> None:
    blocks = LocalStore(made.root).open(made.grant()).blocks(["a"], Box("a", 2, 4))
    values = np.concatenate([block.values["a"] for block in blocks])
    assert {2, 3, 4} <= set(values.tolist())


def test_a_grant_narrows_the_columns(made: Made) -> None:
    version = LocalStore(made.root).open(made.grant("a"))
    assert (version.version_id, version.rows, list(version.columns)) == (VERSION, 10, ["a"])
    for hidden in ("b", "never there"):
        with pytest.raises(HalftoneError) as caught:
            version.blocks([hidden], None)
        assert (caught.value.code, caught.value.field) == (ErrorCode.UNKNOWN_COLUMN, hidden)


def test_text_cannot_be_drawn(made: Made) -> None:
    assert _code(made, "note") == ErrorCode.UNSUPPORTED_TYPE


@pytest.mark.parametrize("place", [0, 4, 9])
def test_a_flipped_byte_is_corrupt_and_other_columns_go_on(made: Made, place: int) -> None:
    data = bytearray(made.file("c1.values").read_bytes())
    data[place * 8] ^= 0x10
    made.file("c1.values").write_bytes(data)
    assert _code(made, "a", "b") == ErrorCode.DATA_CORRUPT
    assert len(_blocks(made, "a")) == 1


def test_a_flipped_validity_byte_is_corrupt(made: Made) -> None:
    data = bytearray(made.file("c2.valid").read_bytes())
    data[3] ^= 1
    made.file("c2.valid").write_bytes(data)
    assert _code(made, "c") == ErrorCode.DATA_CORRUPT


def test_a_byte_flipped_after_the_first_use_is_corrupt(made: Made) -> None:
    store = LocalStore(made.root)
    assert len(_blocks(made, "a", store=store)) == 1
    data = bytearray(made.file("c0.values").read_bytes())
    data[0] ^= 1
    made.file("c0.values").write_bytes(data)
    os.utime(made.file("c0.values"), ns=(1, 1))
    assert _code(made, "a", store=store) == ErrorCode.DATA_CORRUPT


@pytest.mark.parametrize("size", [0, 19, 21])
def test_a_wrong_size_is_corrupt_before_any_map(made: Made, size: int) -> None:
    os.truncate(made.file("c0.values"), size)
    with pytest.raises(HalftoneError) as caught:
        LocalStore(made.root).open(made.grant())
    assert caught.value.code == ErrorCode.DATA_CORRUPT


def test_a_file_truncated_after_opening_is_corrupt(made: Made) -> None:
    store = LocalStore(made.root)
    version = store.open(made.grant())
    assert len(list(version.blocks(["a"], None))) == 1
    os.truncate(made.file("c0.values"), 3)
    with pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None)
    assert caught.value.code == ErrorCode.DATA_CORRUPT


def test_a_missing_file_is_corrupt(made: Made) -> None:
    made.file("c0.values").unlink()
    assert _code(made, "a") == ErrorCode.DATA_CORRUPT


def test_a_symbolic_link_in_place_of_a_file_is_corrupt(made: Made) -> None:
    made.file("c0.values").rename(made.root / "elsewhere")
    made.file("c0.values").symlink_to(made.root / "elsewhere")
    assert _code(made, "a") == ErrorCode.DATA_CORRUPT


def test_a_damaged_manifest_is_corrupt(made: Made) -> None:
    raw = made.file("manifest.json").read_bytes()
    made.file("manifest.json").write_bytes(raw.replace(b'"rows": 10', b'"rows": 11'))
    assert _code(made, "a") == ErrorCode.DATA_CORRUPT


def test_rows_and_sizes_must_agree(tmp_path: Path) -> None:
    made = write(tmp_path, {"a": np.zeros(3, np.int32), "b": np.zeros(4, np.int32)})
    assert _code(made, "a") == ErrorCode.DATA_CORRUPT


def test_a_removed_version_is_gone_even_when_it_was_open(made: Made) -> None:
    store = LocalStore(made.root)
    version = store.open(made.grant())
    [block] = version.blocks(["a"], None)
    shutil.rmtree(made.file("manifest.json").parent)
    assert _code(made, "a", store=store) == ErrorCode.VERSION_GONE
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


def test_a_column_is_read_once_for_its_checksum(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    real = local._sha256

    def counted(descriptor: int, progress: local._Progress, check: Callable[[], None]) -> str:
        hashed.append(descriptor)
        return real(descriptor, progress, check)

    monkeypatch.setattr(local, "_sha256", counted)
    version = LocalStore(made.root).open(made.grant())
    threads = [threading.Thread(target=lambda: list(version.blocks(["a"], None))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashed) == 1


def test_a_check_that_was_cancelled_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_CHUNK", 100)
    made = write(tmp_path, {"a": np.arange(1000, dtype=np.int8)}, {})
    version = LocalStore(made.root).open(made.grant())
    looks = 0

    def third_time() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise HalftoneError(ErrorCode.CANCELLED)

    with pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None, third_time)
    assert caught.value.code is ErrorCode.CANCELLED
    [block] = version.blocks(["a"], None, third_time)
    # Three chunks of ten were hashed the first time, seven the second.
    assert looks == 10
    np.testing.assert_array_equal(block.values["a"], np.arange(1000, dtype=np.int8))


def test_damage_is_found_after_a_cancelled_check_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_CHUNK", 100)
    made = write(tmp_path, {"a": np.zeros(1000, np.int8)}, {})
    column = next(made.root.rglob("*0.values"))
    column.write_bytes(b"\1" + column.read_bytes()[1:])
    store = LocalStore(made.root)

    def at_once() -> None:
        raise HalftoneError(ErrorCode.CANCELLED)

    with pytest.raises(HalftoneError):
        store.open(made.grant()).blocks(["a"], None, at_once)
    assert _code(made, "a", store=store) is ErrorCode.DATA_CORRUPT


def test_a_wait_for_another_check_can_be_cancelled(made: Made) -> None:
    version = LocalStore(made.root).open(made.grant())

    def at_once() -> None:
        raise HalftoneError(ErrorCode.CANCELLED)

    with version._version._locks["a"], pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None, at_once)
    assert caught.value.code is ErrorCode.CANCELLED
