"""Stands before a server that may be away: after a failure no call waits for it again for a while."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from halftone_servicekit import breaker

log = structlog.get_logger(__name__)

T = TypeVar("T")
PAUSE_S = 5.0


class Breaker:
    """Asks `name` unless it has failed in the last `pause_s` seconds. Tells when it goes and when it is back, once."""

    def __init__(self, name: str, failures: tuple[type[Exception], ...], pause_s: float = PAUSE_S) -> None:
        self.name = name
        self._failures = failures
        self._breaker = breaker.Breaker(failures=1, open_s=pause_s)
        self._lock = threading.Lock()
        self._away = False

    def ask(self, question: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """The answer, or what `otherwise` gives while there is none."""
        if self._away and not self._breaker.allows(time.monotonic()):
            return otherwise()
        try:
            answer = question()
        except self._failures as error:
            self._failed(error)
            return otherwise()
        self._answered()
        return answer

    def reset(self) -> None:
        """Forgets the past."""
        self._away = False

    def _failed(self, error: Exception) -> None:
        with self._lock:
            first, self._away = not self._away, True
            self._breaker.failed(time.monotonic())
        if first:
            log.warning("server_away", server=self.name, error=repr(error))

    def _answered(self) -> None:
        if not self._away:
            return
        with self._lock:
            back, self._away = self._away, False
        if back:
            log.info("server_back", server=self.name)
