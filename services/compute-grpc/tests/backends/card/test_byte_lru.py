"""What stays: the last used, within the budget, made once for all who ask at the same time."""

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress

import pytest
from compute_rig.waiting import PATIENCE_S, in_threads
from halftone_compute.backends.card.byte_lru import ByteLru
from typing_extensions import override


class Held:
    """Something that several threads ask for at once, and that takes its time to be made."""

    def __init__(self) -> None:
        self._making, self._go = threading.Event(), threading.Event()

    def wait(self) -> None:
        """The thread that makes it waits here until `ask` lets it go on."""
        self._making.set()
        assert self._go.wait(PATIENCE_S)

    def ask(self, work: Callable[[], None], times: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Returns when every thread has its value. `meanwhile` is done while it is being made."""

        def let_go() -> None:
            assert self._making.wait(PATIENCE_S)
            meanwhile()
            self._go.set()

        in_threads([*[work] * times, let_go])


class Maker:
    """Makes values and notes which."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def get(self, kept: ByteLru, key: str, size: int = 10) -> str:
        def make() -> str:
            self.made.append(key)
            return key

        return kept.get(key, size, make)


def test_what_is_there_is_not_made_again() -> None:
    kept, maker = ByteLru(100), Maker()
    assert [maker.get(kept, key) for key in "abab"] == ["a", "b", "a", "b"]
    assert maker.made == ["a", "b"]
    assert kept.bytes == 20


def test_the_least_recently_used_goes_first() -> None:
    kept, maker = ByteLru(30), Maker()
    for key in "abcad":
        maker.get(kept, key)
    assert kept.bytes == 30
    maker.made.clear()
    for key in "acdb":
        maker.get(kept, key)
    assert maker.made == ["b"]


def test_room_is_made_before_something_new_is() -> None:
    kept, maker = ByteLru(30), Maker()
    for key in "abc":
        maker.get(kept, key)
    # Counted from the moment it is begun.
    assert kept.get("large", 25, lambda: kept.bytes) == 25


def test_what_is_larger_than_the_budget_is_made_and_not_kept() -> None:
    kept, maker = ByteLru(30), Maker()
    maker.get(kept, "a")
    for _ in range(2):
        assert maker.get(kept, "huge", 31) == "huge"
    assert maker.made == ["a", "huge", "huge"]
    assert kept.bytes == 10


def test_values_made_at_the_same_time_stay_within_the_budget() -> None:
    kept, held, maker = ByteLru(30), Held(), Maker()

    def make() -> str:
        held.wait()
        return "first"

    def first() -> None:
        kept.get("first", 20, make)

    seen: list[object] = []
    held.ask(first, 1, meanwhile=lambda: seen.extend((maker.get(kept, "second", 20), kept.bytes)))
    assert seen == ["second", 20]
    assert kept.find("first") == "first"
    assert kept.find("second") is None
    assert maker.get(kept, "second", 20) == "second"
    assert kept.find("first") is None
    assert kept.bytes == 20


def test_a_failure_leaves_nothing_behind_and_is_tried_again() -> None:
    kept, maker = ByteLru(30), Maker()

    def fail() -> str:
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError):
        kept.get("a", 10, fail)
    assert kept.bytes == 0
    assert maker.get(kept, "a") == "a"
    assert kept.bytes == 10


def test_everything_goes_at_once() -> None:
    kept, maker = ByteLru(30), Maker()
    for key in "ab":
        maker.get(kept, key)
    kept.evict_all()
    assert kept.bytes == 0
    assert maker.get(kept, "a") == "a"
    assert maker.made == ["a", "b", "a"]


def test_those_who_ask_at_once_get_one_value() -> None:
    kept, held, made = ByteLru(30), Held(), []
    found: list[object] = []

    def make() -> object:
        held.wait()
        made.append(1)
        return object()

    # What is being made is not let go of.
    held.ask(lambda: found.append(kept.get("a", 10, make)), 3, meanwhile=kept.evict_all)
    assert len(made) == 1
    assert len(found) == 3
    assert len(set(map(id, found))) == 1
    assert kept.bytes == 10


def test_who_waited_for_what_failed_tries_for_himself() -> None:
    kept, held = ByteLru(30), Held()
    outcomes: list[object] = []

    def make() -> str:
        held.wait()
        raise RuntimeError("no room")

    def ask() -> None:
        try:
            outcomes.append(kept.get("a", 10, make))
        except RuntimeError as error:
            outcomes.append(str(error))

    held.ask(ask, 3)
    assert outcomes == ["no room"] * 3
    assert kept.bytes == 0
    assert Maker().get(kept, "a") == "a"
    assert kept.bytes == 10


class Watched(ByteLru):
    """Asks for the same value again at once when one is dropped, before anyone else can."""

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        # Held over both steps, or a thread that comes in between would be the first to ask again.
        self._lock = threading.RLock()  # type: ignore[assignment]

    @override
    def _drop(self, key: Hashable) -> None:
        with self._lock:
            super()._drop(key)
            assert self.get(key, 10, lambda: "newer") == "newer"


def test_a_value_made_beside_a_newer_one_is_not_kept() -> None:
    kept, held = Watched(30), Held()
    failures = iter([RuntimeError("no room")])
    found: list[str] = []

    def make() -> str:
        held.wait()
        for failure in failures:
            raise failure
        return "older"

    def ask() -> None:
        with suppress(RuntimeError):
            found.append(kept.get("a", 10, make))

    held.ask(ask, 2)
    # The second thread waited for the older one, or came after all was done.
    assert found in (["older"], ["newer"])
    assert kept.bytes == 10
    assert Maker().get(kept, "a") == "newer"
