"""What stays: the last used, within the budget, made once for all who ask at the same time."""

import threading
from collections.abc import Hashable
from contextlib import suppress

import pytest
from halftone_compute.backends.card.residency import Residency
from typing_extensions import override


class Maker:
    """Makes values and notes which."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def get(self, kept: Residency, key: str, size: int = 10) -> str:
        def make() -> str:
            self.made.append(key)
            return key

        return kept.get(key, size, make)


def test_what_is_there_is_not_made_again() -> None:
    kept, maker = Residency(100), Maker()
    assert [maker.get(kept, key) for key in "abab"] == ["a", "b", "a", "b"]
    assert maker.made == ["a", "b"]
    assert kept.bytes == 20


def test_the_least_recently_used_goes_first() -> None:
    kept, maker = Residency(30), Maker()
    for key in "abcad":
        maker.get(kept, key)
    assert kept.bytes == 30
    maker.made.clear()
    for key in "acdb":
        maker.get(kept, key)
    assert maker.made == ["b"]


def test_room_is_made_before_something_new_is() -> None:
    kept, maker = Residency(30), Maker()
    for key in "abc":
        maker.get(kept, key)
    # Counted from the moment it is begun.
    assert kept.get("large", 25, lambda: kept.bytes) == 25


def test_what_is_larger_than_the_budget_is_made_and_not_kept() -> None:
    kept, maker = Residency(30), Maker()
    maker.get(kept, "a")
    for _ in range(2):
        assert maker.get(kept, "huge", 31) == "huge"
    assert maker.made == ["a", "huge", "huge"]
    assert kept.bytes == 10


def test_a_failure_leaves_nothing_behind_and_is_tried_again() -> None:
    kept, maker = Residency(30), Maker()

    def fail() -> str:
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError):
        kept.get("a", 10, fail)
    assert kept.bytes == 0
    assert maker.get(kept, "a") == "a"
    assert kept.bytes == 10


def test_everything_goes_at_once() -> None:
    kept, maker = Residency(30), Maker()
    for key in "ab":
        maker.get(kept, key)
    kept.evict_all()
    assert kept.bytes == 0
    assert maker.get(kept, "a") == "a"
    assert maker.made == ["a", "b", "a"]


def test_two_who_ask_at_once_get_one_value() -> None:
    kept, making, go, made = Residency(30), threading.Event(), threading.Event(), []

    def make() -> object:
        making.set()
        go.wait(10)
        made.append(1)
        return object()

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("a", 10, make))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert making.wait(10)
    # What is being made is not let go of.
    kept.evict_all()
    go.set()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(set(map(id, found))) == 1
    assert kept.bytes == 10


def test_who_waited_for_what_failed_tries_for_himself() -> None:
    kept, making, go = Residency(30), threading.Event(), threading.Event()
    outcomes: list[object] = []

    def make() -> str:
        making.set()
        assert go.wait(10)
        raise RuntimeError("no room")

    def ask() -> None:
        try:
            outcomes.append(kept.get("a", 10, make))
        except RuntimeError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert making.wait(10)
    go.set()
    for thread in threads:
        thread.join()
    assert outcomes == ["no room"] * 3
    assert kept.bytes == 0
    assert Maker().get(kept, "a") == "a"
    assert kept.bytes == 10


class Watched(Residency):
    """Asks for the same value again at once when one is dropped, before anyone who waited for it can."""

    @override
    def _drop(self, key: Hashable) -> None:
        super()._drop(key)
        assert self.get(key, 10, lambda: "newer") == "newer"


def test_a_value_made_beside_a_newer_one_is_not_kept() -> None:
    kept, making, go = Watched(30), threading.Event(), threading.Event()
    failures = iter([RuntimeError("no room")])
    found: list[str] = []

    def make() -> str:
        making.set()
        assert go.wait(10)
        for failure in failures:
            raise failure
        return "older"

    def ask() -> None:
        with suppress(RuntimeError):
            found.append(kept.get("a", 10, make))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert making.wait(10)
    go.set()
    for thread in threads:
        thread.join()
    # Whoever came second waited for the older one, or came after all was done.
    assert found in (["older"], ["newer"])
    assert kept.bytes == 10
    assert Maker().get(kept, "a") == "newer"
