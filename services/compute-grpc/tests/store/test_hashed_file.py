"""Files that are hashed while they are written."""

from __future__ import annotations

import errno
import gc
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from halftone_compute.store.hashed_file import HashedFile, Syncing, bytes_of, write_whole


def test_a_file_is_named_by_what_was_written(tmp_path: Path) -> None:
    file = HashedFile(tmp_path, "numbers")
    written = np.arange(6, dtype="<u4").reshape(2, 3)
    for part in (written, written[:, ::2], b"abc", memoryview(b"d"), np.empty(0)):
        file.write(part)
    expected = written.tobytes() + written[:, ::2].tobytes() + b"abcd"
    assert file.bytes == len(expected)
    entry = file.finish()
    assert (entry.file, entry.bytes) == ("numbers", len(expected))
    assert entry.sha256 == hashlib.sha256(expected).hexdigest()
    assert (tmp_path / "numbers").read_bytes() == expected


def test_a_closed_file_is_described_alike_and_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [HashedFile(tmp_path, name) for name in "ab"]
    for file in files:
        file.write(b"abc")
    finished = files[0].finish()
    monkeypatch.delattr(os, "fsync")
    closed = files[1].close()
    assert (closed.bytes, closed.sha256) == (finished.bytes, finished.sha256)
    assert (tmp_path / "b").read_bytes() == b"abc"


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "numbers").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        HashedFile(tmp_path, "numbers")
    assert (tmp_path / "numbers").read_bytes() == b"old"


def test_a_discarded_file_is_gone(tmp_path: Path) -> None:
    file = HashedFile(tmp_path, "numbers")
    file.write(b"abc")
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_bytes_of_any_array() -> None:
    assert bytes(bytes_of(np.array([True, False]))) == b"\1\0"
    assert bytes(bytes_of(np.arange(4, dtype="<u2")[::2])) == b"\0\0\2\0"


def test_a_write_that_is_taken_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, pwrite = os.write, os.pwrite
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    monkeypatch.setattr(os, "pwrite", lambda file, data, place: pwrite(file, data[:3], place))
    with (tmp_path / "file").open("wb", buffering=0) as file:
        write_whole(file.fileno(), memoryview(b"0123456789"))
        write_whole(file.fileno(), memoryview(b"abcdefg"), 2)
        write_whole(file.fileno(), memoryview(b""), 99)
    assert (tmp_path / "file").read_bytes() == b"01abcdefg9"


def test_a_full_disk_is_named() -> None:
    with open("/dev/full", "wb", buffering=0) as file, pytest.raises(OSError, match="No space") as caught:
        write_whole(file.fileno(), memoryview(b"1"))
    assert caught.value.errno == errno.ENOSPC


def test_a_file_that_is_left_in_the_middle_is_closed(tmp_path: Path) -> None:
    file = HashedFile(tmp_path, "a")
    file.write(b"12")
    assert is_open(tmp_path / "a")
    del file
    gc.collect()
    assert not is_open(tmp_path / "a")


def is_open(path: Path) -> bool:
    """Whether this process has a file open."""
    return str(path.resolve()) in [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]


def test_all_files_are_on_disk_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    files = [HashedFile(tmp_path, name) for name in "ab"]
    with Syncing() as syncing:
        for file in files:
            file.write(b"12")
        described = [syncing.finish(file) for file in files]
    assert [(each.file, each.bytes) for each in described] == [("a", 2), ("b", 2)]
    assert synced == [(tmp_path / name).stat().st_ino for name in "ab"]


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)), Syncing() as syncing:
        syncing.finish(HashedFile(tmp_path, "a"))


def test_an_error_of_the_block_is_the_one_that_is_raised(tmp_path: Path) -> None:
    def work() -> None:
        with Syncing() as syncing:
            syncing.finish(HashedFile(tmp_path, "a"))
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
