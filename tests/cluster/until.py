"""Waiting for a cluster: poll with a deadline, and say at the end what was missing."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(look: Callable[[], Value], what: str, seconds: float = 60, every: float = 0.2) -> Value:
    """The first true answer of `look`; raises AssertionError with `what` and the last answer after `seconds`.

    It looks once more after the deadline: a machine that stood still meanwhile is no reason to give up.
    """
    ends = time.monotonic() + seconds
    while True:
        late = time.monotonic() > ends
        seen = look()
        if seen:
            return seen
        if late:
            raise AssertionError(f"{what}: not within {seconds:.0f} s; last seen {seen!r}")
        time.sleep(every)


def throughout(look: Callable[[], bool], what: str, seconds: float, every: float = 0.5) -> None:
    """Asserts that something stays true for a while, and is at its end."""
    ends = time.monotonic() + seconds
    while True:
        late = time.monotonic() > ends
        assert look(), what
        if late:
            return
        time.sleep(every)


def settled(
    look: Callable[[], Value], expected: Value, what: str, seconds: float, hold: float, every: float = 0.5
) -> None:
    """Waits until `look` has answered `expected` for `hold` seconds on end; raises AssertionError as `until` does."""
    ends = time.monotonic() + seconds
    since: float | None = None
    while True:
        late = time.monotonic() > ends
        seen = look()
        now = time.monotonic()
        if seen != expected:
            since = None
            if late:
                raise AssertionError(f"{what}: not {expected!r} for good within {seconds:.0f} s; last seen {seen!r}")
        elif since is None:
            since = now
        elif now - since >= hold:
            return
        time.sleep(every)
