"""The worker: claims jobs by REST and runs them one at a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace

_log = structlog.get_logger(__name__)
_CLAIM_SECONDS = 10.0
_AUTH_RETRY_SECONDS = 1.0
# How much longer than its pause one round of the loop may take: a call to auth times out long before.
_HANG_SECONDS = 60.0


class Worker:
    """Claims at its start, when woken, and every `claim_seconds`, on a thread of its own until `stop`."""

    def __init__(self, client: JobsClient, workspace: Workspace, claim_seconds: float = _CLAIM_SECONDS) -> None:
        self._client = client
        self._workspace = workspace
        self._claim_seconds = claim_seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._running: StopFlag | None = None
        self._last_round = time.monotonic()
        # The kernel kills a child when the thread that started it ends, so one thread runs all jobs.
        self._thread = threading.Thread(target=self._loop, name="ingest")

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Claims now: a job may be queued."""
        self._wake.set()

    def is_responsive(self) -> bool:
        """Whether the thread claims on time, or runs a job."""
        late = time.monotonic() - self._last_round > self._claim_seconds + _HANG_SECONDS
        return self._thread.is_alive() and (self._running is not None or not late)

    def stop(self, grace: float) -> None:
        """Claims no more. A running job has `grace` seconds to end; then it is dropped and its lease expires."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(grace)
        if (running := self._running) is not None:
            running.set(StopReason.SHUTDOWN)
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._last_round = time.monotonic()
            self._wake.clear()
            self._wake.wait(self._claim_and_run())

    def _claim_and_run(self) -> float:
        """Seconds to wait before the next claim."""
        try:
            job = self._client.claim()
        except HalftoneError as error:
            _log.warning("claim_failed", code=error.code, detail=error.detail)
            return min(self._claim_seconds, _AUTH_RETRY_SECONDS)
        if job is None:
            return self._claim_seconds
        self._run(job)
        return 0.0

    def _run(self, job: Job) -> None:
        started = time.monotonic()
        self._running = stop = StopFlag()
        with metrics.RUNNING.track_inprogress():
            try:
                outcome = JobAttempt(self._client, job, self._workspace, stop).run()
            except Exception:
                # The loop must survive any job. The lease of this one expires, and it is claimed again.
                _log.exception("job_crashed", job=job.job_id)
                outcome = ErrorCode.INTERNAL.value
            finally:
                self._running = None
        seconds = time.monotonic() - started
        metrics.JOBS.labels(outcome).inc()
        metrics.SECONDS.observe(seconds)
        _log.info("job_ended", job=job.job_id, outcome=outcome, seconds=round(seconds, 3))
