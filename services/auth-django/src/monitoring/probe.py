"""A readiness check with a timeout, for servers that may hang."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class ProbeWithTimeout:
    """Runs `check` on its own thread, one call at a time; False while it takes longer than `seconds`."""

    def __init__(self, check: Callable[[], bool], seconds: float) -> None:
        self._check = check
        self._seconds = seconds
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self._running: Future[bool] | None = None

    def probe(self) -> bool:
        """The result of `check` within `seconds`, else False. Raises the errors of `check`."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = self._thread.submit(self._check)
            running = self._running
        try:
            return running.result(self._seconds)
        except TimeoutError:
            return False
