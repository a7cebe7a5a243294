"""A place of the worker for one job at a time."""

from __future__ import annotations

import queue
import resource
import threading
import time
from typing import TYPE_CHECKING, Protocol

import structlog
from halftone_servicekit.errors import ErrorCode

from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.client import INGEST
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.ingest.jobs.client import Job

_log = structlog.get_logger(__name__)


class Attempt(Protocol):
    """One attempt at a job; `run` gives its outcome as metrics name it."""

    def run(self) -> str: ...


class Slot:
    """Runs the jobs that it is given, one after another; `freed` is called when it could take the next.

    The kernel kills a child when the thread that started it ends, so one thread runs all jobs.
    """

    def __init__(self, kind: str, begin: Callable[[Job, StopFlag], Attempt], freed: Callable[[], None]) -> None:
        self.kind = kind
        self._begin = begin
        self._freed = freed
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._running: StopFlag | None = None
        self._thread = threading.Thread(target=self._loop, name=kind)

    @property
    def is_free(self) -> bool:
        return self._running is None

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def give(self, job: Job) -> None:
        """Runs a job. Call it while the slot is free, from one thread alone."""
        self._running = StopFlag()
        self._jobs.put(job)

    def stop(self, seconds: float) -> None:
        """A running job has this long to end; then it is dropped and its lease expires."""
        self._jobs.put(None)
        self._thread.join(max(0.0, seconds))
        if (running := self._running) is not None:
            running.set(StopReason.SHUTDOWN)
        self._thread.join()

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._run(job, self._running or StopFlag())
            self._running = None
            self._freed()

    def _run(self, job: Job, stop: StopFlag) -> None:
        started = time.monotonic()
        with metrics.RUNNING.track_inprogress():
            try:
                outcome = self._begin(job, stop).run()
            except Exception:
                # The slot must survive any job. The lease of this one expires, and it is claimed again.
                _log.exception("job_crashed", job=job.job_id)
                outcome = ErrorCode.INTERNAL.value
        seconds = time.monotonic() - started
        metrics.JOBS.labels(outcome).inc()
        metrics.CHILD_MEMORY.set(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
        if job.kind == INGEST:
            metrics.SECONDS.observe(seconds)
        _log.info("job_ended", job=job.job_id, kind=job.kind, outcome=outcome, seconds=round(seconds, 3))
