"""Things that are made one after the other in the background, when they are first asked for, within bounded disk."""

from __future__ import annotations

import math
import os
import shutil
import sys
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Literal, Protocol

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute import metrics
from halftone_compute.backends.base import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    MakeRoom = Callable[[int], None]
    # Gets a folder for files, what makes room for bytes in it, and a flag to look at.
    Make = Callable[[Path, MakeRoom, Cancel], "Kept"]

# How long what could not be made is not tried again.
_PAUSE_SECONDS: Final = 600.0
# Pictures come first: the least that the kernel gives a thread.
_NICENESS: Final = 19
_MOST_WAITING: Final = 64
# Of folders that are in use while something is made.
PREFIX: Final = "background-"

log = structlog.get_logger(__name__)


class Kept(Protocol):
    @property
    def bytes(self) -> int:
        """What its files take of the disk."""


class BackgroundRoom:
    """For several threads. Its files have no name once they are made, so that they go with the process.

    The folder is of this process alone.
    """

    def __init__(self, folder: Path | None, most_bytes: int) -> None:
        """`most_bytes` is what all files together may take; without a folder nothing is made."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._made: OrderedDict[Hashable, Kept] = OrderedDict()
        self._waiting: set[Hashable] = set()
        self._paused: dict[Hashable, float] = {}
        self._lock = threading.Lock()
        self._stopping = Cancel()
        for left in () if folder is None else folder.glob(f"{PREFIX}*"):
            # Of a process that was killed.
            shutil.rmtree(left)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="background", initializer=_yield_to_pictures)

    def get(self, key: Hashable, make: Make) -> Kept | None:
        """What `make` gives; None as long as it is not made: then it is begun."""
        with self._lock:
            known = self._made.get(key)
            if known is not None:
                self._made.move_to_end(key)
            elif self._folder is not None and self._may_begin(key):
                self._waiting.add(key)
                self._thread.submit(self._make, key, make, self._folder)
        return known

    @property
    def is_making(self) -> bool:
        """Whether something is being made, or waits to be."""
        with self._lock:
            return bool(self._waiting)

    def close(self) -> None:
        """Ends what is being made and frees everything."""
        self._stopping.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._made.clear()

    def _may_begin(self, key: Hashable) -> bool:
        is_paused = self._paused.get(key, 0.0) > time.monotonic()
        return not (is_paused or key in self._waiting or self._stopping.is_set or len(self._waiting) >= _MOST_WAITING)

    def _make(self, key: Hashable, make: Make, folder: Path) -> None:
        started = time.monotonic()
        made: Kept | None = None
        result: Literal["made", "failed", "too_large", "cancelled"] = "failed"
        pause = _PAUSE_SECONDS
        try:
            folder.mkdir(parents=True, exist_ok=True)
            made = make(folder, self._make_room, self._stopping)
            result = "made"
        except TooLargeError:
            # It will be as large the next time.
            result, pause = "too_large", math.inf
        except HalftoneError as error:
            result = "cancelled" if error.code == ErrorCode.CANCELLED else "failed"
        except Exception:
            # Pictures are made without; what is wrong with a version they say themselves.
            log.exception("background_failed")
        with self._lock:
            self._waiting.discard(key)
            if made is None:
                self._paused[key] = time.monotonic() + pause
            else:
                self._made[key] = made
            metrics.BACKGROUND_BYTES.set(self._bytes())
        metrics.BACKGROUND.labels(result).inc()
        log.info("background", result=result, seconds=round(time.monotonic() - started, 2))

    def _make_room(self, size: int) -> None:
        """Drops what was not asked for longest, until files of that size fit beside the others."""
        if size > self._most_bytes:
            raise TooLargeError
        with self._lock:
            while self._made and self._bytes() + size > self._most_bytes:
                self._made.popitem(last=False)

    def _bytes(self) -> int:
        return sum(kept.bytes for kept in self._made.values())


class TooLargeError(Exception):
    """It takes more than everything together may. It ends what is being made, and no user sees it."""


def _yield_to_pictures() -> None:
    if sys.platform == "linux":
        # On Linux alone this is of the thread.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
