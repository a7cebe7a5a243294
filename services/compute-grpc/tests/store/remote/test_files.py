"""Versions in a real object store: read like those on disk, and named errors for what goes wrong."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import Made, write
from compute_rig.waiting import PATIENCE_S, wait_until
from halftone_compute.store.open import cached_store
from halftone_compute.store.remote.cache import FileCache
from halftone_compute.store.remote.files import RemoteFiles
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import FileStorage, StorageAddress, open_storage
from halftone_servicekit.testing_servers import held_port
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from halftone_servicekit.storage import Storage

ROWS = np.arange(1_000)


@pytest.fixture
def version(bucket: Storage, tmp_path: Path) -> Made:
    """A version in the bucket; `root` is the folder that it was copied from."""
    made = write(tmp_path / "source", {"a": ROWS, "b": ROWS / 3}, {"b": ROWS % 2 == 0})
    for path in (tmp_path / "source").rglob("*"):
        if path.is_file():
            bucket.put(path, str(path.relative_to(tmp_path / "source")))
    return made


def opened(bucket: Storage, tmp_path: Path, room: int = 1 << 20) -> LocalStore:
    folder = tmp_path / "cache"
    folder.mkdir(exist_ok=True)
    return cached_store(FileCache(bucket, folder, room))


def values(store: LocalStore, made: Made, column: str) -> np.ndarray:
    [block] = store.open(made.grant()).blocks([column], None)
    return block.values[column]


def cached(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}


def code(store: LocalStore, made: Made, column: str) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        values(store, made, column)
    return caught.value.code


def test_only_what_is_touched_is_fetched(bucket: Storage, version: Made, tmp_path: Path) -> None:
    store = opened(bucket, tmp_path)
    assert store.open(version.grant()).rows == len(ROWS)
    assert cached(tmp_path) == set()
    np.testing.assert_array_equal(values(store, version, "a"), ROWS)
    assert cached(tmp_path) == {"c0.values"}
    np.testing.assert_array_equal(values(store, version, "b"), ROWS / 3)
    assert cached(tmp_path) == {"c0.values", "c1.values", "c1.valid"}


def test_what_was_evicted_stays_readable_and_is_fetched_again(bucket: Storage, version: Made, tmp_path: Path) -> None:
    store = opened(bucket, tmp_path, 10_000)
    first = values(store, version, "a")
    values(store, version, "b")
    assert "c0.values" not in cached(tmp_path)
    np.testing.assert_array_equal(first, ROWS)
    del first
    gone = str(next((tmp_path / "cache").rglob("c1.values")).with_name("c0.values"))
    assert not [name for name in _open_files() if gone in name]
    # Nothing keeps the space of a file that was removed but views that still read it.
    assert gone not in _maps()
    np.testing.assert_array_equal(values(store, version, "a"), ROWS)
    assert "c0.values" in cached(tmp_path)


def _open_files() -> Iterator[str]:
    for number in os.listdir("/proc/self/fd"):
        # Another thread may close what was listed.
        with suppress(FileNotFoundError):
            yield os.readlink(f"/proc/self/fd/{number}")


def _maps() -> str:
    with open("/proc/self/maps") as file:
        return file.read()


def test_a_restarted_server_uses_and_checks_its_copies(bucket: Storage, version: Made, tmp_path: Path) -> None:
    values(opened(bucket, tmp_path), version, "a")
    [copy] = (tmp_path / "cache").rglob("c0.values")
    before = copy.stat().st_ino
    np.testing.assert_array_equal(values(opened(bucket, tmp_path), version, "a"), ROWS)
    assert copy.stat().st_ino == before
    data = bytearray(copy.read_bytes())
    data[100] ^= 1
    copy.write_bytes(data)
    np.testing.assert_array_equal(values(opened(bucket, tmp_path), version, "a"), ROWS)
    assert hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(version.file("c0.values").read_bytes()).digest()


def test_a_copy_that_is_damaged_while_in_use_is_fetched_again(bucket: Storage, version: Made, tmp_path: Path) -> None:
    store = opened(bucket, tmp_path)
    values(store, version, "a")
    [copy] = (tmp_path / "cache").rglob("c0.values")
    copy.write_bytes(bytes(copy.stat().st_size))
    np.testing.assert_array_equal(values(store, version, "a"), ROWS)


def test_damage_in_the_bucket_is_corrupt(bucket: Storage, version: Made, tmp_path: Path) -> None:
    version.file("c0.values").write_bytes(bytes(ROWS.nbytes))
    bucket.put(version.file("c0.values"), version.manifest.replace("manifest.json", "c0.values"))
    store = opened(bucket, tmp_path)
    assert code(store, version, "a") is ErrorCode.DATA_CORRUPT
    assert len(values(store, version, "b")) == len(ROWS)


def test_a_missing_file_is_corrupt_and_a_missing_version_gone(bucket: Storage, version: Made, tmp_path: Path) -> None:
    store = opened(bucket, tmp_path)
    open_version = store.open(version.grant())
    bucket.remove(version.manifest.replace("manifest.json", "c0.values"))
    assert code(store, version, "a") is ErrorCode.DATA_CORRUPT
    bucket.remove("datasets")
    with pytest.raises(HalftoneError, match="version_gone"):
        open_version.blocks(["a"], None)
    assert code(store, version, "a") is ErrorCode.VERSION_GONE
    assert code(opened(bucket, tmp_path), version, "a") is ErrorCode.VERSION_GONE


def test_a_manifest_cut_short_is_corrupt(bucket: Storage, version: Made, tmp_path: Path) -> None:
    raw = version.file("manifest.json").read_bytes()
    version.file("manifest.json").write_bytes(raw[:-20])
    bucket.put(version.file("manifest.json"), version.manifest)
    assert code(opened(bucket, tmp_path), version, "a") is ErrorCode.DATA_CORRUPT


def test_without_its_storage_it_shows_what_lies_here(tmp_path: Path) -> None:
    made = write(tmp_path / "storage", {"a": ROWS, "b": ROWS / 3})
    near = open_storage(StorageAddress(f"file://{tmp_path}/storage"))
    (tmp_path / "cache").mkdir()
    cache = FileCache(near, tmp_path / "cache", 1 << 20)
    store = LocalStore(cache.folder, files=RemoteFiles(cache, recheck_seconds=0.0))
    values(store, made, "a")
    with held_port() as nobody:
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        cache.storage = open_storage(StorageAddress("s3://bucket", endpoint, access_key="a", secret_key="b"), 0.1)
        np.testing.assert_array_equal(values(store, made, "a"), ROWS)
        assert code(store, made, "b") is ErrorCode.STORAGE_UNAVAILABLE
        cache.storage.close()


class Slow(FileStorage):
    """A folder that tells no size before `gate` is open."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.gate = threading.Event()
        self.gate.set()

    @override
    def size(self, name: str) -> int:
        assert self.gate.wait(PATIENCE_S)
        return super().size(name)


def test_storage_that_hangs_holds_nothing_up_that_lies_here(tmp_path: Path) -> None:
    made = write(tmp_path / "storage", {"a": ROWS})
    (tmp_path / "cache").mkdir()
    slow = Slow(tmp_path / "storage")
    cache = FileCache(slow, tmp_path / "cache", 1 << 20)
    remote = RemoteFiles(cache, recheck_seconds=0.0)
    store = LocalStore(cache.folder, files=remote)
    values(store, made, "a")
    slow.gate.clear()
    try:
        for _ in range(3):
            np.testing.assert_array_equal(values(store, made, "a"), ROWS)
        # The first check still hangs.
        assert remote._checks
        slow.remove("datasets")
    finally:
        slow.gate.set()
    wait_until(lambda: not remote._checks)
    assert code(store, made, "a") is ErrorCode.VERSION_GONE


@pytest.mark.parametrize("path", ["../outside.json", "/etc/passwd", "a\0b"])
def test_nothing_outside_is_asked_for(bucket: Storage, version: Made, tmp_path: Path, path: str) -> None:
    with pytest.raises(HalftoneError, match="data_corrupt"):
        opened(bucket, tmp_path).open(version.grant(manifest=path))
