"""Keeps the lease of a running job, and hears when it is over."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import HalftoneError

from halftone_compute.ingest.jobs.stop import Reason, StopFlag, StoppedError
from halftone_compute.ingest.sandbox.convert import Progress

if TYPE_CHECKING:
    from types import TracebackType

    from halftone_compute.ingest.jobs.client import Job, JobsClient

_log = structlog.get_logger(__name__)
# A lease is 20 s. A person who watches or cancels waits for the next beat, so it is far shorter than that.
_SECONDS = 0.5


class Heartbeat:
    """Beats on a thread of its own while the block runs; sets `stop` when the job is cancelled or lost."""

    def __init__(self, client: JobsClient, job: Job, stop: StopFlag, seconds: float = _SECONDS) -> None:
        self._client = client
        self._job = job
        self._stop = stop
        self._seconds = seconds
        self._progress = Progress("starting", 0, None, 0, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="heartbeat")

    def report(self, progress: Progress) -> None:
        self._progress = progress

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                if self._client.heartbeat(self._job, self._progress):
                    self._stop.set(Reason.CANCELLED)
            except StoppedError as stopped:
                self._stop.set(stopped.reason)
                return
            except HalftoneError as error:
                # The lease outlives several beats, and publishing is fenced: working on can do no harm.
                _log.warning("heartbeat_failed", job=self._job.job_id, code=error.code)
