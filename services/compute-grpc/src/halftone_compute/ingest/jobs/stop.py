"""Why a running job must end, told from any thread."""

from __future__ import annotations

import threading
from enum import StrEnum


class Reason(StrEnum):
    CANCELLED = "cancelled"
    LEASE_LOST = "lease_lost"
    SHUTDOWN = "shutdown"


class StoppedError(Exception):
    """The job ends without an outcome of its own."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class StopFlag:
    """Says why to stop. A cancelled job still has to be reported; one that was lost or let go of has not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: Reason | None = None
        self._abandoned = threading.Event()

    @property
    def reason(self) -> Reason | None:
        return self._reason

    def set(self, reason: Reason) -> None:
        with self._lock:
            if self._reason is None or reason is not Reason.CANCELLED:
                self._reason = reason
        if reason is not Reason.CANCELLED:
            self._abandoned.set()

    def check(self) -> None:
        """Raises StoppedError when the flag is set."""
        if self._reason is not None:
            raise StoppedError(self._reason)

    def sleep(self, seconds: float) -> None:
        """Raises StoppedError when the job is abandoned."""
        if self._abandoned.wait(seconds):
            self.check()
