"""Waits within a view until something is there. The view keeps its thread, which is its request's own, and gives its
database connection back between two looks.
"""

import time
from collections.abc import Callable
from threading import BoundedSemaphore, Event
from typing import Final

from halftone_auth.database.pool import release_connection

MAX_WAIT_S: Final = 20
LOOK_S: Final = 0.1
# More requests are answered at once.
PLACES: Final = 64

_places = BoundedSemaphore(PLACES)
_closed = Event()


def wait_for(is_there: Callable[[], bool], wait_s: float) -> None:
    """Returns when `is_there` says so, after `wait_s` seconds, at the stop of the process, or at once when too many
    requests wait already.
    """
    if wait_s <= 0 or not _places.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + wait_s
        while not is_there() and (left := until - time.monotonic()) > 0:
            release_connection()
            if _closed.wait(min(left, LOOK_S)):
                return
    finally:
        _places.release()


def close() -> None:
    """Ends every wait; callable from any thread and signal handler."""
    _closed.set()
