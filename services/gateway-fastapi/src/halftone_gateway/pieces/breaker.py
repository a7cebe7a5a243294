"""A circuit breaker: who keeps failing is left alone for a while. Pure; its clock is whatever the caller reads."""

from typing import Final

FAILURES: Final = 3
OPEN_S: Final = 5.0


class Breaker:
    """Opens after some failures in a row, and lets one try through each time its pause is over."""

    def __init__(self, failures: int = FAILURES, open_s: float = OPEN_S) -> None:
        self._allowed = failures
        self._open_s = open_s
        self._failures = 0
        self._until = float("-inf")

    def allows(self, now: float) -> bool:
        """Whether a try may be made."""
        return now >= self._until

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, now: float) -> None:
        self._failures += 1
        if self._failures >= self._allowed:
            self._until = now + self._open_s
