"""Tile sets by version and plan: made one after the other in the background, when they are first asked for."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute import metrics
from halftone_compute.backends.base import Cancel, EngineError
from halftone_compute.render.tiles.build import TileBuild
from halftone_compute.render.tiles.tile_set import TileSet, counted, is_count, is_of_pair, joinable

if TYPE_CHECKING:
    from pathlib import Path

    from halftone.v1 import compute_pb2

    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.rows import RowReader
    from halftone_compute.store.base import OpenIndex

_Key = tuple[str, bytes]
# How long a tile set that could not be made is not tried again.
_PAUSE_SECONDS: Final = 600.0
# Pictures come first: the least that the kernel gives a thread.
_NICENESS: Final = 19
_MOST_WAITING: Final = 64

log = structlog.get_logger(__name__)


class TileSets:
    """For several threads. Files have no name, so that they go with the process, however it ends."""

    def __init__(self, rows: RowReader, folder: Path | None = None, most_bytes: int = 0) -> None:
        """`most_bytes` is what all files together may take; without a folder none is made."""
        self._rows = rows
        self._folder = folder
        self._most_bytes = most_bytes
        self._made: OrderedDict[_Key, TileSet] = OrderedDict()
        self._waiting: set[_Key] = set()
        self._paused: dict[_Key, float] = {}
        self._lock = threading.Lock()
        self._stopping = Cancel()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tiles", initializer=_yield_to_pictures)

    def made_for(self, job: RenderJob, cancel: Cancel) -> TileSet | None:
        """The tile set of a job; None when there is none, or none yet: then it is begun."""
        index = job.version.index
        if index is None or not is_of_pair(job, index):
            return None
        if is_count(job.plan):
            return counted(job, index.leaves(cancel.check), index.pyramid(cancel.check))
        plan = joinable(job.plan)
        if plan is None or self._folder is None or job.plan.x.column != index.x:
            return None
        key = (job.version.version_id, plan.SerializeToString(deterministic=True))
        with self._lock:
            known = self._made.get(key)
            if known is not None:
                self._made.move_to_end(key)
            elif self._may_begin(key):
                self._waiting.add(key)
                self._thread.submit(self._make, key, _of_plan(job, plan), index, self._folder)
        return known

    def close(self) -> None:
        """Ends the build under way and frees everything."""
        self._stopping.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._made.clear()

    def _may_begin(self, key: _Key) -> bool:
        is_paused = self._paused.get(key, 0.0) > time.monotonic()
        return not (is_paused or key in self._waiting or self._stopping.is_set or len(self._waiting) >= _MOST_WAITING)

    def _make(self, key: _Key, job: RenderJob, index: OpenIndex, folder: Path) -> None:
        started = time.monotonic()
        made: TileSet | None = None
        result: Literal["made", "failed", "too_large", "cancelled"] = "failed"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            made = self._built(job, index, folder)
            result = "made"
        except _TooLarge:
            result = "too_large"
        except HalftoneError as error:
            result = "cancelled" if error.code == ErrorCode.CANCELLED else "failed"
        except (OSError, EngineError):
            log.warning("tiles_not_made", version=job.version.version_id, exc_info=True)
        except Exception:
            # Pictures are made without; what is wrong with the version they say themselves.
            log.exception("tiles_not_made", version=job.version.version_id)
        seconds = time.monotonic() - started
        with self._lock:
            self._waiting.discard(key)
            if made is None:
                self._paused[key] = time.monotonic() + _PAUSE_SECONDS
            else:
                self._made[key] = made
            metrics.TILE_SET_BYTES.set(self._bytes())
        metrics.TILE_SETS.labels(result).inc()
        log.info(
            "tiles", result=result, version=job.version.version_id, value=job.plan.value, seconds=round(seconds, 2)
        )

    def _built(self, job: RenderJob, index: OpenIndex, folder: Path) -> TileSet:
        leaves, base = index.leaves(self._stopping.check), index.pyramid(self._stopping.check)
        with tempfile.TemporaryFile(dir=folder) as file:
            return TileBuild(job, leaves, base, self._rows, file, self._make_room, self._stopping).run()

    def _make_room(self, size: int) -> None:
        """Drops those not asked for longest, until a file of that size fits beside the others."""
        with self._lock:
            while self._made and self._bytes() + size > self._most_bytes:
                self._made.popitem(last=False)
        if size > self._most_bytes:
            raise _TooLarge

    def _bytes(self) -> int:
        return sum(len(made.pyramid.data) for made in self._made.values())


class _TooLarge(Exception):  # noqa: N818 - it ends a build, and no user sees it
    """A tile set takes more than all of them may."""


def _of_plan(job: RenderJob, plan: compute_pb2.Plan) -> RenderJob:
    return replace(job, plan=plan, places={}, view_key=None)


def _yield_to_pictures() -> None:
    if sys.platform == "linux":
        # On Linux alone this is of the thread.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
