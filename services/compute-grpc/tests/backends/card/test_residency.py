"""What stays: the last used, within the budget, made once for all who ask at the same time."""

import threading

import pytest
from halftone_compute.backends.card.residency import Residency


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
