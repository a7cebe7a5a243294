"""Copies on the local disk: bounded, checked, fetched once; a fetch stops without a waiter."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from compute_rig.waiting import PATIENCE_S, wait_until
from halftone_compute.store.base import no_check
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.remote import cache as caches
from halftone_compute.store.remote.cache import FileCache
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import FileStorage
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZE = 1_000


class Watched(FileStorage):
    """A folder whose reads are counted, and wait at `gate`."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[tuple[str, int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.failure: HalftoneError | None = None

    @override
    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        self.reads.append((name, start))
        self.gate.wait(PATIENCE_S)
        if self.failure is not None:
            raise self.failure
        return super().read(name, start, stop)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "_CHUNK", 100)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path / "storage")
    for number in range(6):
        writer = made.open(f"d/{number}")
        writer.write(content(number))
        writer.commit()
    yield made
    made.gate.set()


def content(number: int) -> bytes:
    return bytes([number]) * SIZE


def file(number: int) -> dict[str, DataFile]:
    return {f"d/{number}": DataFile(str(number), SIZE, hashlib.sha256(content(number)).hexdigest())}


def made(storage: Watched, tmp_path: Path, room: float = 3.5) -> FileCache:
    return FileCache(storage, tmp_path / "cache", int(room * SIZE))


def get(cache: FileCache, number: int, check: Callable[[], None] = no_check) -> bytes:
    with cache.held(file(number), check):
        return (cache.folder / f"d/{number}").read_bytes()


def kept(cache: FileCache) -> list[str]:
    return sorted(path.name for path in cache.folder.glob("d/*"))


def test_a_file_is_fetched_when_it_is_first_touched(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    assert storage.reads == []
    assert get(cache, 1) == content(1)
    assert len(storage.reads) == SIZE / 100
    assert get(cache, 1) == content(1)
    assert len(storage.reads) == SIZE / 100


def test_the_least_recently_used_goes_first(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    gone: list[str] = []
    cache.on_evicted = gone.append
    for number in (0, 1, 2, 0, 3):
        get(cache, number)
    assert (kept(cache), gone) == (["0", "2", "3"], ["d/1"])
    assert get(cache, 1) == content(1)
    assert sum(path.stat().st_size for path in cache.folder.glob("d/*")) <= 3.5 * SIZE


def test_what_is_held_stays_and_others_wait_for_room(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path, 1.5)
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(get(cache, 2)))
    with cache.held(file(1), no_check):
        thread.start()
        with pytest.raises(HalftoneError, match="cancelled"):
            get(cache, 3, Countdown(3))
        assert kept(cache) == ["1"]
        assert thread.is_alive()
    thread.join()
    assert found == [content(2)]


class Countdown:
    """A check that is patient a few times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise HalftoneError(ErrorCode.CANCELLED)


def test_a_file_larger_than_the_cache_is_refused(storage: Watched, tmp_path: Path) -> None:
    with pytest.raises(HalftoneError, match="no_space"):
        get(made(storage, tmp_path, 0.5), 1)


def test_many_who_ask_share_one_fetch(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    storage.gate.clear()
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(get(cache, 1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: cache._entries and cache._entries["d/1"].holders == 8)
    storage.gate.set()
    for thread in threads:
        thread.join()
    assert found == [content(1)] * 8
    assert len(storage.reads) == SIZE / 100


def test_one_leaves_and_the_others_wait_on(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    storage.gate.clear()
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(get(cache, 1)))
    thread.start()
    wait_until(lambda: storage.reads)
    with pytest.raises(HalftoneError, match="cancelled"):
        get(cache, 1, Countdown(0))
    # Left while the fetch still stands at its first read.
    assert len(storage.reads) == 1
    assert thread.is_alive()
    storage.gate.set()
    thread.join()
    assert found == [content(1)]
    assert len(storage.reads) == SIZE / 100


def test_when_the_last_one_leaves_the_fetch_stops_and_goes_on_later(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    storage.gate.clear()
    with pytest.raises(HalftoneError, match="cancelled"):
        get(cache, 1, Countdown(3))
    storage.gate.set()
    wait_until(lambda: cache._entries["d/1"].is_idle)
    assert kept(cache) == ["1.part"]
    assert get(cache, 1) == content(1)
    assert [start for _, start in storage.reads] == list(range(0, SIZE, 100))


def test_an_error_that_nobody_waited_for_is_not_kept_for_the_next_one(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    storage.gate.clear()
    with pytest.raises(HalftoneError, match="cancelled"):
        get(cache, 1, Countdown(3))
    storage.failure = HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)
    storage.gate.set()
    wait_until(lambda: cache._entries["d/1"].is_idle)
    storage.failure = None
    assert get(cache, 1) == content(1)


def test_an_abandoned_part_makes_room_too(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path, 1.5)
    storage.gate.clear()
    with pytest.raises(HalftoneError, match="cancelled"):
        get(cache, 1, Countdown(3))
    storage.gate.set()
    assert get(cache, 2) == content(2)
    assert kept(cache) == ["2"]


def test_a_restart_uses_what_lies_there(storage: Watched, tmp_path: Path) -> None:
    first = made(storage, tmp_path)
    for number in (0, 1, 2):
        get(first, number)
    (first.folder / "d" / "5.part").write_bytes(b"half")
    os.utime(first.folder / "d" / "1", (1, 1))
    reads = len(storage.reads)
    again = made(storage, tmp_path)
    assert kept(again) == ["0", "1", "2"]
    assert get(again, 2) == content(2)
    assert len(storage.reads) == reads
    get(again, 3)
    assert kept(again) == ["0", "2", "3"]
    assert kept(made(storage, tmp_path, 1.5)) == ["3"]


@pytest.mark.parametrize("size", [0, 10, SIZE + 1])
def test_a_copy_of_the_wrong_size_is_fetched_again(storage: Watched, tmp_path: Path, size: int) -> None:
    cache = made(storage, tmp_path)
    get(cache, 1)
    os.truncate(cache.folder / "d/1", size)
    assert get(cache, 1) == content(1)


def test_a_copy_that_was_taken_away_is_fetched_again(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    get(cache, 1)
    (cache.folder / "d/1").unlink()
    assert get(cache, 1) == content(1)


@pytest.mark.parametrize("data", [b"", b"x" * SIZE, b"\1" * (SIZE - 1)])
def test_damage_in_the_storage_is_told_and_not_kept(storage: Watched, tmp_path: Path, data: bytes) -> None:
    cache = made(storage, tmp_path)
    (storage.root / "d/1").write_bytes(data)
    for _ in range(2):
        with pytest.raises(HalftoneError, match="data_corrupt"):
            get(cache, 1)
        assert kept(cache) == []
    (storage.root / "d/1").write_bytes(content(1))
    assert get(cache, 1) == content(1)


def test_a_file_that_is_gone(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    (storage.root / "d/1").unlink()
    with pytest.raises(FileNotFoundError):
        get(cache, 1)
    assert kept(cache) == []


def test_a_disk_that_is_full_is_named(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path)
    (cache.folder / "d").mkdir(parents=True)
    (cache.folder / "d/1.part").symlink_to("/dev/full")
    with pytest.raises((HalftoneError, OSError)):
        get(cache, 1)
    assert get(cache, 1) == content(1)


def test_many_threads_in_little_room(storage: Watched, tmp_path: Path) -> None:
    cache = made(storage, tmp_path, 2.5)
    wrong: list[object] = []

    def look(seed: int) -> None:
        for step in range(40):
            number = (seed * 7 + step * step) % 6
            with suppress(HalftoneError):
                found = get(cache, number, Countdown(step % 3) if step % 5 == 0 else no_check)
                if found != content(number):
                    wrong.append((seed, step))

    threads = [threading.Thread(target=look, args=[seed]) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    wait_until(lambda: all(entry.is_idle for entry in cache._entries.values()))
    assert cache._bytes == sum(entry.size for entry in cache._entries.values()) <= 2.5 * SIZE
    cache.close()
