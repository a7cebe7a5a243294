"""Pauses between attempts to reach a server."""

import random


class Backoff:
    """Pauses that double from `first_s` to `longest_s`, each shortened by up to half at random.

    The jitter keeps clients that lost the same server from returning together.
    """

    def __init__(self, first_s: float, longest_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._bound_s = first_s

    def pause(self) -> float:
        """Seconds to wait before the next attempt."""
        seconds = self._bound_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._bound_s = min(self._bound_s * 2, self._longest_s)
        return seconds

    def reset(self) -> None:
        """An attempt succeeded: start with the first pause again."""
        self._bound_s = self._first_s
