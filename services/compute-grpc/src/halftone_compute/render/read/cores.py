"""Cores that no picture uses, lent to the scan of another one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future


class Cores:
    """Each scan has one of its own; `count` is how many there are. For several threads."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._scans = 0
        self._lent = 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(max(count - 1, 1), thread_name_prefix="scan")

    @contextmanager
    def scanning(self) -> Iterator[None]:
        """A block in which a scan uses a core."""
        with self._lock:
            self._scans += 1
        try:
            yield
        finally:
            with self._lock:
                self._scans -= 1

    def lend(self, work: Callable[[], None]) -> Future[None] | None:
        """Runs `work` on a core that is idle; None when there is none."""
        with self._lock:
            if self._scans + self._lent >= self.count:
                return None
            self._lent += 1
        return self._threads.submit(self._run, work)

    @property
    def idle(self) -> int:
        """How many no scan uses, at this moment."""
        return max(self.count - self._scans - self._lent, 0)

    @property
    def is_wanted_back(self) -> bool:
        """Whether more scans have begun than there are cores: what is lent goes back after the block at hand."""
        return self._scans + self._lent > self.count

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._lent -= 1
