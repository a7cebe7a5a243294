"""What is made in the background: once, one after the other, within its bytes; again after a while when it failed."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from compute_rig.tiled import DEADLINE_S
from halftone_compute.render.background import room as room_module
from halftone_compute.render.background.room import PREFIX, BackgroundRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.room import Make, MakeRoom


@dataclass(frozen=True)
class Thing:
    bytes: int


class Maker:
    """Makes things of some bytes, and counts how often."""

    def __init__(self, size: int = 10, error: Exception | None = None) -> None:
        self.calls = 0
        self.niceness: int | None = None
        self._size = size
        self._error = error

    def __call__(self, folder: Path, make_room: MakeRoom, cancel: Cancel) -> Thing:
        self.calls += 1
        self.niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        make_room(self._size)
        if self._error is not None:
            raise self._error
        return Thing(self._size)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[BackgroundRoom]:
    made = BackgroundRoom(tmp_path / "cache", 25)
    yield made
    made.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def made(room: BackgroundRoom, key: str, make: Make) -> None:
    until(lambda: room.get(key, make) is not None)


def test_a_thing_is_made_once_and_behind_everything_else(room: BackgroundRoom) -> None:
    maker = Maker()
    assert room.get("a", maker) is None
    made(room, "a", maker)
    assert room.get("a", maker) == Thing(10)
    assert maker.calls == 1
    assert maker.niceness == 19
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < 19


def test_what_was_not_asked_for_longest_goes_first(room: BackgroundRoom) -> None:
    for key in "ab":
        made(room, key, Maker())
    room.get("a", Maker())
    made(room, "c", Maker())
    again = Maker()
    assert room.get("a", again) is not None
    assert room.get("b", again) is None


@pytest.mark.parametrize("error", [OSError(28, "no space"), ValueError("bug"), None])
def test_what_could_not_be_made_is_tried_again_after_a_while(
    room: BackgroundRoom, error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without an error it is too large, and stays so.
    maker, kept = Maker(26 if error is None else 10, error), Maker()
    made(room, "kept", kept)
    room.get("a", maker)
    until(lambda: maker.calls == 1)
    made(room, "next", Maker())
    assert room.get("a", maker) is None
    made(room, "one more", Maker())
    assert maker.calls == 1
    later = time.monotonic() + room_module._PAUSE_SECONDS + 1
    monkeypatch.setattr("halftone_compute.render.background.room.time.monotonic", lambda: later)
    assert room.get("a", maker) is None
    made(room, "last", Maker())
    assert maker.calls == (1 if error is None else 2)


def test_an_end_interrupts(tmp_path: Path) -> None:
    room = BackgroundRoom(tmp_path, 100)
    begun = threading.Event()

    def slow(folder: Path, make_room: MakeRoom, cancel: Cancel) -> Thing:
        begun.set()
        while True:
            cancel.check()
            time.sleep(0.001)

    assert room.get("slow", slow) is None
    assert begun.wait(DEADLINE_S)
    room.close()
    assert room.get("other", Maker()) is None


def test_it_says_whether_something_is_being_made(room: BackgroundRoom) -> None:
    gate = threading.Event()

    def slow(folder: Path, make_room: MakeRoom, cancel: Cancel) -> Thing:
        assert gate.wait(DEADLINE_S)
        return Thing(10)

    seen = [room.is_making]
    room.get("slow", slow)
    room.get("failing", Maker(error=ValueError("bug")))
    seen.append(room.is_making)
    assert seen == [False, True]
    gate.set()
    until(lambda: not room.is_making)
    assert room.get("slow", slow) == Thing(10)


def test_without_a_folder_nothing_is_made() -> None:
    maker = Maker()
    room = BackgroundRoom(None, 100)
    assert room.get("a", maker) is None
    room.close()
    assert maker.calls == 0


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left, other = tmp_path / f"{PREFIX}x", tmp_path / "datasets"
    for folder in (left, other):
        folder.mkdir()
        (folder / "file").write_bytes(b"1")
    BackgroundRoom(tmp_path, 100).close()
    assert not left.exists()
    assert (other / "file").exists()
