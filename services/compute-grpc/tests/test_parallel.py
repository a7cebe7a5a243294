"""Results come in order, and no more items are taken than are worked on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from halftone_compute.parallel import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_in_order(count: int) -> None:
    assert list(in_order(lambda item: item * 2, range(count))) == [item * 2 for item in range(count)]


def test_one_item_needs_no_thread() -> None:
    assert list(in_order(lambda _: threading.current_thread(), [1])) == [threading.current_thread()]


def test_items_are_taken_as_results_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    results = in_order(lambda item: item, items())
    assert next(results) == 0
    assert len(taken) == 4


def test_an_error_comes_in_its_turn() -> None:
    def work(item: int) -> int:
        if item == 3:
            raise ValueError(item)
        return item

    results = in_order(work, range(100))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
