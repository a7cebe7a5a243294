"""Threads of a test, and waiting for what another thread or task does, with an end."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# A machine that does other things may keep any thread from its turn for seconds.
PATIENCE_S = 60.0


async def until(holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Returns as soon as a condition holds. Raises AssertionError after a while."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "this never came true"
        await asyncio.sleep(0.002)


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """The same for tests without an event loop."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "this never came true"
        time.sleep(0.002)


def cpu_seconds(thread: threading.Thread) -> float:
    """Processor time that a thread which still lives has had so far: a busy machine changes nothing about it."""
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0))


def in_threads(works: Iterable[Callable[[], object]]) -> None:
    """Does all of it at the same time, and returns when all is done."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
