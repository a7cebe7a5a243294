"""Renews the lease of a running job, and learns from auth when the job must end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import HalftoneError

from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason
from halftone_compute.ingest.sandbox.messages import Progress

if TYPE_CHECKING:
    from types import TracebackType

    from halftone_compute.ingest.jobs.client import Job, JobsClient

_log = structlog.get_logger(__name__)
# Much shorter than a lease (20 s): a renewal also carries progress to auth and a cancellation back.
_RENEW_SECONDS = 0.5


class LeaseRenewal:
    """Renews the lease from a thread of its own during the block; sets `stop` when the job is cancelled or lost."""

    def __init__(self, client: JobsClient, job: Job, stop: StopFlag, seconds: float = _RENEW_SECONDS) -> None:
        self._client = client
        self._job = job
        self._stop = stop
        self._seconds = seconds
        self._progress = Progress("starting", 0, None, 0, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="lease")

    def report(self, progress: Progress) -> None:
        """The next renewal carries `progress`."""
        self._progress = progress

    def __enter__(self) -> LeaseRenewal:
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
                if self._client.renew_lease(self._job, self._progress):
                    self._stop.set(StopReason.CANCELLED)
            except StoppedError as stopped:
                self._stop.set(stopped.reason)
                return
            except HalftoneError as error:
                # A lease outlives several failed renewals, and publishing is fenced by its token.
                _log.warning("lease_renewal_failed", job=self._job.job_id, code=error.code)
