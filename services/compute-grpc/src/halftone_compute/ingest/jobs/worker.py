"""The worker: claims jobs by REST and runs them one at a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.attempt import Bounds, JobRun
from halftone_compute.ingest.jobs.stop import Reason, StopFlag

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.client import Job, JobsClient

_log = structlog.get_logger(__name__)
_CLAIM_SECONDS = 10.0
_AUTH_AWAY_SECONDS = 1.0
# How much longer than its pause a turn may take: a call to auth is given up long before.
_HUNG_SECONDS = 60.0


class Worker:
    """Claims at once, when woken, and every `claim_seconds`; on a thread of its own, until `stop`."""

    def __init__(self, client: JobsClient, bounds: Bounds, claim_seconds: float = _CLAIM_SECONDS) -> None:
        self._client = client
        self._bounds = bounds
        self._claim_seconds = claim_seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._running: StopFlag | None = None
        self._turned = time.monotonic()
        # The kernel ends a child together with the thread that started it, so one thread runs all jobs.
        self._thread = threading.Thread(target=self._loop, name="ingest")

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def is_turning(self) -> bool:
        """Whether the thread claims, or is at work on a job."""
        late = time.monotonic() - self._turned > self._claim_seconds + _HUNG_SECONDS
        return self._thread.is_alive() and (self._running is not None or not late)

    def stop(self, grace: float) -> None:
        """No new job. A running one has `grace` seconds to end; then it is dropped and its lease runs out."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(grace)
        if (running := self._running) is not None:
            running.set(Reason.SHUTDOWN)
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._turned = time.monotonic()
            self._wake.clear()
            self._wake.wait(self._claim_and_run())

    def _claim_and_run(self) -> float:
        """Seconds to wait before the next claim."""
        try:
            job = self._client.claim()
        except HalftoneError as error:
            _log.warning("claim_failed", code=error.code, detail=error.detail)
            return min(self._claim_seconds, _AUTH_AWAY_SECONDS)
        if job is None:
            return self._claim_seconds
        self._run(job)
        return 0.0

    def _run(self, job: Job) -> None:
        started = time.monotonic()
        self._running = stop = StopFlag()
        with metrics.RUNNING.track_inprogress():
            try:
                outcome = JobRun(self._client, job, self._bounds, stop).run()
            except Exception:
                # The next job must run whatever this one did; its lease runs out and it is tried again.
                _log.exception("job_broke", job=job.job_id)
                outcome = ErrorCode.INTERNAL.value
            finally:
                self._running = None
        seconds = time.monotonic() - started
        metrics.JOBS.labels(outcome).inc()
        metrics.SECONDS.observe(seconds)
        _log.info("job_ended", job=job.job_id, outcome=outcome, seconds=round(seconds, 3))
