"""For probes: a question to a server that may hang, answered in time all the same."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Soon:
    """Calls `question` on a thread of its own, one call at a time; `False` while that takes longer than `seconds`."""

    def __init__(self, question: Callable[[], bool], seconds: float) -> None:
        self._question = question
        self._seconds = seconds
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self._asked: Future[bool] | None = None

    def ask(self) -> bool:
        """Never waits for longer. Raises what the question raises."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._question)
            asked = self._asked
        try:
            return asked.result(self._seconds)
        except TimeoutError:
            return False
