"""What every storage promises, seen on a folder and on a real object store."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.storage import Storage, StorageAddress, Writer
from halftone_servicekit.storage.base import CHUNK_BYTES, no_space, plain

BIG = os.urandom(1 << 20) * 20


def write(storage: Storage, name: str, data: bytes) -> None:
    writer = storage.open(name)
    for start in range(0, len(data), 3 << 20):
        writer.write(data[start : start + (3 << 20)])
    writer.commit()


@pytest.mark.parametrize("data", [b"", b"x", BIG, b"y" * CHUNK_BYTES], ids=["empty", "one", "parts", "whole"])
def test_what_was_written_is_read(storage: Storage, data: bytes) -> None:
    write(storage, "a/b/file", data)
    assert storage.read("a/b/file") == data
    assert storage.size("a/b/file") == len(data)
    assert storage.exists("a/b/file")
    assert not storage.exists("a/b")


def test_a_file_is_there_whole_or_not_at_all(storage: Storage) -> None:
    writer = storage.open("a/file")
    writer.write(BIG)
    assert not storage.exists("a/file")
    writer.commit()
    assert storage.size("a/file") == len(BIG)


@pytest.mark.parametrize("data", [b"", b"x", BIG])
def test_an_aborted_file_leaves_nothing(storage: Storage, data: bytes) -> None:
    writer = storage.open("a/file")
    writer.write(data)
    writer.abort()
    assert storage.children("a") == []
    assert storage.forget_unfinished(time.time() + 60) == 0


def test_ranges(storage: Storage) -> None:
    write(storage, "file", b"0123456789")
    found = [
        storage.read("file", start, stop) for start, stop in ((0, 3), (3, 5), (8, 99), (9, None), (10, 12), (4, 4))
    ]
    assert found == [b"012", b"34", b"89", b"9", b"", b""]


@pytest.mark.parametrize(
    "act",
    [
        lambda storage, _: storage.read("a/none"),
        lambda storage, _: storage.read("a/none", 2, 4),
        lambda storage, _: storage.size("a/none"),
        lambda storage, _: storage.size("a"),
        lambda storage, folder: storage.fetch("a/none", folder / "copy"),
        lambda storage, folder: storage.put(folder / "none", "a/copy"),
    ],
)
def test_what_is_not_there(storage: Storage, tmp_path: Path, act: Callable[[Storage, Path], object]) -> None:
    write(storage, "a/file", b"x")
    with pytest.raises(FileNotFoundError):
        act(storage, tmp_path)


@pytest.mark.parametrize("name", ["", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/", "a\0b"])
def test_names_lead_nowhere_else(storage: Storage, tmp_path: Path, name: str) -> None:
    for act in (storage.read, storage.size, storage.exists, storage.children, storage.remove, storage.open):
        with pytest.raises(ValueError, match="leads out"):
            act(name)
    with pytest.raises(ValueError, match="leads out"):
        plain(name)


@pytest.mark.parametrize("data", [b"", b"x" * 10, BIG])
def test_files_go_in_and_out(storage: Storage, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in").write_bytes(data)
    got: list[int] = []
    storage.put(tmp_path / "in", "a/file")
    storage.fetch("a/file", tmp_path / "out", got.append)
    assert (tmp_path / "out").read_bytes() == data
    assert got == sorted(got)
    assert got[-1:] == ([len(data)] if data else [])


class StopError(Exception):
    pass


def test_a_copy_in_that_is_stopped_leaves_nothing(storage: Storage, tmp_path: Path) -> None:
    # On another device: a hard link could not be stopped, and would make no copy.
    (tmp_path / "in").write_bytes(BIG)
    heard: list[int] = []

    def stop(sent: int) -> None:
        heard.append(sent)
        if len(heard) == 2:
            raise StopError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("halftone_servicekit.storage.files.os.link", _refuse)
        with pytest.raises(StopError):
            storage.put(tmp_path / "in", "a/file", stop)
    assert heard == [CHUNK_BYTES, 2 * CHUNK_BYTES]
    assert storage.children("a") == []
    assert storage.forget_unfinished(time.time() + 60) == 0


def _refuse(*_: object) -> None:
    raise OSError(errno.EXDEV, "another device")


def test_children_are_the_names_right_below(storage: Storage) -> None:
    for name in ("a/b/c", "a/b/d/e", "a/f", "ab/g", "h"):
        write(storage, name, b"x")
    assert storage.children("a") == ["b", "f"]
    assert storage.children("a/b") == ["c", "d"]
    assert storage.children("h") == []
    assert storage.children("none") == []


def test_a_tree_goes_and_its_neighbours_stay(storage: Storage) -> None:
    for name in ("a/b/c", "a/b/d/e", "a/bc", "f"):
        write(storage, name, b"x")
    storage.remove("a/b")
    assert storage.children("a") == ["bc"]
    storage.remove("f")
    assert not storage.exists("f")
    storage.remove("a/b")
    storage.remove("never/there")


def test_more_than_one_page_of_files_goes(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halftone_servicekit.storage.s3.PAGE", 2)
    for number in range(5):
        write(storage, f"many/{number}/file", b"x")
    half = [storage.open(f"many/half/{number}") for number in range(5)]
    for writer in half:
        writer.write(BIG)
    assert {str(number) for number in range(5)} <= set(storage.children("many"))
    storage.remove("many")
    assert storage.children("many") == []
    assert storage.forget_unfinished(time.time() + 60) == 0
    for writer in half:
        writer.abort()


def test_a_half_written_file_goes_with_its_folder(storage: Storage) -> None:
    writer, other = storage.open("a/half"), storage.open("ab/half")
    for each in (writer, other):
        each.write(BIG)
    storage.remove("a")
    with pytest.raises((OSError, HalftoneError)):
        _end(writer)
    assert not storage.exists("a/half")
    other.commit()
    assert storage.exists("ab/half")


def _end(writer: Writer) -> None:
    try:
        writer.commit()
    finally:
        writer.abort()


def test_when_a_tree_was_changed(storage: Storage) -> None:
    assert storage.changed("a") is None
    write(storage, "a/b", b"x")
    changed = storage.changed("a")
    assert changed is not None
    assert abs(changed - time.time()) < 60


def test_it_is_ready(storage: Storage) -> None:
    storage.ready()
    free = storage.free()
    assert free is None or free > 0


@pytest.mark.parametrize("url", ["", "file://", "s3://", "s3:///", "/folder", "http://bucket/x"])
def test_an_address_names_a_place(url: str) -> None:
    with pytest.raises(ValueError, match="HALFTONE_STORAGE"):
        StorageAddress(url)


def test_an_address_keeps_its_secret() -> None:
    assert "hidden" not in repr(StorageAddress("s3://a", secret_key="hidden"))
    with pytest.raises(ValueError, match="file:///folder"):
        StorageAddress("s3://a").folder()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_has_a_name(number: int) -> None:
    with pytest.raises(HalftoneError, match="no_space"), no_space():
        raise OSError(number, "full")
    with pytest.raises(PermissionError), no_space():
        raise PermissionError(errno.EACCES, "no")
