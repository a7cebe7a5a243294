"""A circuit breaker: calls that keep failing are paused. Pure; the caller passes the time."""

from typing import Final

FAILURES: Final = 3
OPEN_S: Final = 5.0


class Breaker:
    """Opens for `open_s` seconds after `failures` in a row, and again after each further failure."""

    def __init__(self, failures: int = FAILURES, open_s: float = OPEN_S) -> None:
        self._allowed = failures
        self._open_s = open_s
        self._failures = 0
        self._until = float("-inf")

    def allows(self, now: float) -> bool:
        """Whether a call may be made."""
        return now >= self._until

    def succeeded(self) -> None:
        """Forgets the failures; a pause that has begun goes on."""
        self._failures = 0

    def failed(self, now: float) -> None:
        self._failures += 1
        if self._failures >= self._allowed:
            self._until = now + self._open_s
