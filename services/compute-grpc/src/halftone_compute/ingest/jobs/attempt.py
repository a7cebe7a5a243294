"""One job, from its claim to its outcome."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.lease import Heartbeat
from halftone_compute.ingest.jobs.stop import Reason, StopFlag, StoppedError
from halftone_compute.ingest.sandbox.convert import Order, Progress
from halftone_compute.ingest.sandbox.parent import convert_in_child
from halftone_compute.ingest.write.delivery import RemoteStaging
from halftone_compute.ingest.write.staging import Finished, Staging

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_servicekit.storage import Storage

    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.sandbox.confine import Limits

_log = structlog.get_logger(__name__)
# How long an outcome is offered to an auth service that is away. By then the lease has long passed to another worker.
_PATIENCE_SECONDS = 300.0
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where versions are written, and what one file may cost: `limits` for reading it, `max_bytes` on disk.

    `root` is the storage itself, or with `remote` a folder of this worker alone, from which that is filled.
    """

    root: Path
    limits: Limits
    max_bytes: int
    remote: Storage | None = None

    def staging(self, job: Job) -> Staging:
        """A place for one attempt."""
        if self.remote is None:
            return Staging(self.root, job.dataset_id, job.version_id, job.token)
        return RemoteStaging(self.remote, self.root, job.dataset_id, job.version_id, job.token, self.max_bytes)


class JobRun:
    """Runs `job` once. `stop` ends it early."""

    def __init__(self, client: JobsClient, job: Job, bounds: Bounds, stop: StopFlag) -> None:
        self._client = client
        self._job = job
        self._bounds = bounds
        self._stop = stop
        self._staging = bounds.staging(job)

    def run(self) -> str:
        """The outcome as metrics name it: published, a reason to stop, or an error code."""
        try:
            self._publish(self._made())
        except StoppedError as stopped:
            return stopped.reason.value
        except HalftoneError as error:
            return error.code.value
        return "published"

    def _made(self) -> Finished:
        """Raises HalftoneError or StoppedError when there is no version: auth was told, nothing is left on disk."""
        with Heartbeat(self._client, self._job, self._stop) as heartbeat:
            try:
                return self._written(heartbeat)
            except StoppedError as stopped:
                self._give_up(HalftoneError(ErrorCode.CANCELLED) if stopped.reason is Reason.CANCELLED else None)
                raise
            except HalftoneError as error:
                self._give_up(error)
                raise

    def _written(self, heartbeat: Heartbeat) -> Finished:
        try:
            order = self._order(heartbeat)
            self._staging.create()
            convert_in_child(order, self._bounds.limits, heartbeat.report, self._stop)
            size = order.source.stat().st_size
            heartbeat.report(Progress("publishing", 0, None, size, size))
            finished = self._staging.finish()
            rows = finished.manifest.rows
            self._staging.deliver(finished, self._telling(heartbeat, "publishing", rows))
        except OSError as error:
            _log.exception("job_failed", job=self._job.job_id)
            code = ErrorCode.NO_SPACE if error.errno in _NO_SPACE else ErrorCode.INTERNAL
            raise HalftoneError(code) from error
        self._stop.check()
        return finished

    def _telling(self, heartbeat: Heartbeat, phase: str, rows: int) -> Callable[[int, int], None]:
        """Reports how far a copy is, and ends it when the job has to end."""

        def told(done: int, total: int) -> None:
            heartbeat.report(Progress(phase, rows, rows or None, done, total))
            self._stop.check()

        return told

    def _order(self, heartbeat: Heartbeat) -> Order:
        source = self._staging.source(self._job.uri, self._telling(heartbeat, "fetching", 0))
        return Order(
            source=source,
            format=self._job.format,
            folder=self._staging.folder,
            dataset_id=self._job.dataset_id,
            version_id=self._job.version_id,
            max_bytes=self._bounds.max_bytes,
        )

    def _publish(self, finished: Finished) -> None:
        """No heartbeat runs here: only the answer to this very call says whether the version counts.

        While that is open (auth is away, the worker is told to go) the files stay. If the version did not count,
        whoever takes the job over removes them.
        """
        try:
            version = self._client.publish(self._job, finished, self._stop, _PATIENCE_SECONDS)
        except StoppedError as stopped:
            if stopped.reason is Reason.LEASE_LOST:
                self._give_up(None)
            raise
        except HalftoneError as error:
            if error.code != ErrorCode.AUTH_UNAVAILABLE:
                self._give_up(error)
            raise
        if version != self._job.version_id:
            self._give_up(None)
        metrics.ROWS.inc(finished.manifest.rows)
        metrics.BYTES.inc(finished.manifest.bytes)

    def _give_up(self, error: HalftoneError | None) -> None:
        """Removes what was written, then reports `error`, when there is one to report."""
        try:
            self._staging.discard()
        except (OSError, HalftoneError):
            _log.exception("staging_left", job=self._job.job_id)
        if error is None:
            return
        try:
            self._client.fail(self._job, error, self._stop, _PATIENCE_SECONDS)
        except (HalftoneError, StoppedError) as unreported:
            _log.warning("outcome_not_reported", job=self._job.job_id, code=error.code, reason=str(unreported))
