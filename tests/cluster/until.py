"""Waiting for a cluster: poll with a deadline, and say at the end what was missing."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(look: Callable[[], Value], what: str, seconds: float = 60, every: float = 0.2) -> Value:
    """The first true answer of `look`; raises AssertionError with `what` and the last answer after `seconds`."""
    ends = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > ends:
            raise AssertionError(f"{what}: not within {seconds:.0f} s; last seen {seen!r}")
        time.sleep(every)


def throughout(look: Callable[[], bool], what: str, seconds: float, every: float = 0.5) -> None:
    """Asserts that something stays true for a while."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        assert look(), what
        time.sleep(every)
