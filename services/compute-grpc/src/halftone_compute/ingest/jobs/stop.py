"""Why a running job must end, set from any thread."""

from __future__ import annotations

import threading
from enum import StrEnum


class StopReason(StrEnum):
    CANCELLED = "cancelled"
    LEASE_LOST = "lease_lost"
    SHUTDOWN = "shutdown"


class StoppedError(Exception):
    """The job ends before its outcome is known."""

    def __init__(self, reason: StopReason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class StopFlag:
    """Ends a job early. A cancelled job must still be reported to auth; one that was lost or dropped must not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: StopReason | None = None
        self._abandoned = threading.Event()

    @property
    def reason(self) -> StopReason | None:
        return self._reason

    def set(self, reason: StopReason) -> None:
        with self._lock:
            if self._reason is None or reason is not StopReason.CANCELLED:
                self._reason = reason
        if reason is not StopReason.CANCELLED:
            self._abandoned.set()

    def check(self) -> None:
        """Raises StoppedError when the flag is set."""
        if self._reason is not None:
            raise StoppedError(self._reason)

    def sleep(self, seconds: float) -> None:
        """Raises StoppedError when the job is lost or dropped."""
        if self._abandoned.wait(seconds):
            self.check()
