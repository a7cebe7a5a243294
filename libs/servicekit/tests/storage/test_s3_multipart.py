"""Files that arrive over several sessions, on a folder and on a real object store."""

import os

import pytest
from halftone_servicekit.storage import Storage
from halftone_servicekit.storage.base import CHUNK_BYTES
from halftone_servicekit.storage.s3_multipart import MAX_PARTS, part_bytes

DATA = os.urandom(1 << 20) * 25 + b"end"


def send(storage: Storage, token: str, start: int, stop: int, *, is_synced: bool = True) -> None:
    file = storage.resume("a/file", len(DATA), start, token)
    for at in range(start, stop, 3 << 20):
        file.write(DATA[at : min(stop, at + (3 << 20))])
    if is_synced:
        file.sync()
    file.close()


@pytest.mark.parametrize(
    "stops",
    [(len(DATA),), (1, CHUNK_BYTES, 2 * CHUNK_BYTES, len(DATA)), (CHUNK_BYTES + 5, CHUNK_BYTES + 6, 0, len(DATA))],
    ids=["once", "parts", "tails"],
)
def test_a_file_in_sessions(storage: Storage, stops: tuple[int, ...]) -> None:
    token = storage.begin("a/file", len(DATA))
    start = 0
    for stop in stops:
        send(storage, token, start, max(start, stop))
        start = max(start, stop)
        assert not storage.exists("a/file")
    storage.complete("a/file", len(DATA), token)
    assert storage.read("a/file") == DATA
    assert storage.children("a") == ["file"]
    # A process that died after the first time does it again.
    storage.complete("a/file", len(DATA), token)
    storage.remove("a")
    assert storage.forget_unfinished(2**40) == 0


@pytest.mark.parametrize("stop", [5 << 20, CHUNK_BYTES + 5, len(DATA)])
@pytest.mark.parametrize("is_synced", [True, False])
def test_what_came_after_the_known_offset_is_forgotten(storage: Storage, stop: int, is_synced: bool) -> None:
    token = storage.begin("a/file", len(DATA))
    send(storage, token, 0, 1 << 20)
    # The process dies before anyone knows of it.
    send(storage, token, 1 << 20, stop, is_synced=is_synced)
    send(storage, token, 1 << 20, 2 << 20)
    send(storage, token, 2 << 20, len(DATA))
    storage.complete("a/file", len(DATA), token)
    assert storage.read("a/file") == DATA


def test_many_syncs_of_one_session_leave_two_tails_at_most(storage: Storage) -> None:
    token = storage.begin("a/file", len(DATA))
    file = storage.resume("a/file", len(DATA), 0, token)
    for at in range(0, 5 << 20, 1 << 20):
        file.write(DATA[at : at + (1 << 20)])
        file.sync()
        assert len(storage.children("a")) <= 2
    file.close()
    send(storage, token, 5 << 20, len(DATA))
    storage.complete("a/file", len(DATA), token)
    assert storage.read("a/file") == DATA


def test_a_file_whose_bytes_are_missing_is_not_completed(storage: Storage) -> None:
    token = storage.begin("a/file", len(DATA))
    send(storage, token, 0, CHUNK_BYTES)
    with pytest.raises(FileNotFoundError):
        storage.complete("a/file", len(DATA), token)
    for at in (CHUNK_BYTES + 1, len(DATA) - 1):
        with pytest.raises(FileNotFoundError):
            send(storage, token, at, len(DATA))


def test_a_removed_file_can_not_be_continued(storage: Storage) -> None:
    token = storage.begin("a/file", len(DATA))
    storage.remove("a")
    with pytest.raises(FileNotFoundError):
        send(storage, token, 0, len(DATA))


@pytest.mark.parametrize(("size", "parts"), [(1, 1), (CHUNK_BYTES * MAX_PARTS, 1), (CHUNK_BYTES * MAX_PARTS + 1, 2)])
def test_parts_are_never_too_many(size: int, parts: int) -> None:
    assert part_bytes(size) == parts * CHUNK_BYTES
    assert size <= part_bytes(size) * MAX_PARTS
    assert part_bytes(1 << 40) * MAX_PARTS >= 1 << 40
