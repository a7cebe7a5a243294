"""One attempt at a preview, from its claim to its outcome."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.jobs.attempt import RETRY_SECONDS, disk_error
from halftone_compute.ingest.jobs.lease import LeaseRenewal
from halftone_compute.ingest.jobs.stop import StoppedError, StopReason
from halftone_compute.ingest.registry import ending_of
from halftone_compute.ingest.sandbox.messages import PreviewRequest, Progress
from halftone_compute.ingest.sandbox.parent import preview_in_child

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.jobs.stop import StopFlag
    from halftone_compute.ingest.jobs.workspace import Workspace

_log = structlog.get_logger(__name__)
# A person waits, and a beginning of a file takes little.
_CPU_SECONDS = 60


class PreviewAttempt:
    """Reads the beginning of the file of `job` once. `stop` ends it early."""

    def __init__(self, client: JobsClient, job: Job, workspace: Workspace, stop: StopFlag) -> None:
        self._client = client
        self._job = job
        self._workspace = workspace
        self._stop = stop

    def run(self) -> str:
        """The outcome as metrics name it: ready, a StopReason, or an error code."""
        try:
            with LeaseRenewal(self._client, self._job, self._stop) as lease:
                result = self._read(lease)
            self._stop.check()
            self._client.finish_preview(self._job, result, self._stop, RETRY_SECONDS)
        except StoppedError as stopped:
            if stopped.reason is StopReason.CANCELLED:
                self._report(HalftoneError(ErrorCode.CANCELLED))
            return stopped.reason.value
        except HalftoneError as error:
            self._report(error)
            return error.code.value
        return "ready"

    def _read(self, lease: LeaseRenewal) -> dict[str, object]:
        folder = self._workspace.preview_folder(self._job)
        try:
            folder.mkdir(parents=True)
            request = PreviewRequest(
                source=self._workspace.preview_source(self._job, lambda done, total: self._fetched(lease, done, total)),
                format=self._job.format or ending_of(self._job.name),
                folder=folder,
                max_bytes=self._workspace.max_bytes,
                reading=self._job.reading,
                base=self._job.base,
            )
            limits = self._workspace.limits
            limits = replace(limits, cpu_seconds=min(limits.cpu_seconds, _CPU_SECONDS))
            return preview_in_child(request, limits, lease.report, self._stop.check)
        except OSError as error:
            _log.exception("preview_failed", job=self._job.job_id)
            raise disk_error(error) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._workspace.forget_fetched(self._job)

    def _fetched(self, lease: LeaseRenewal, done: int, total: int) -> None:
        lease.report(Progress("fetching", 0, None, done, total))
        self._stop.check()

    def _report(self, error: HalftoneError) -> None:
        try:
            self._client.fail(self._job, error, self._stop, RETRY_SECONDS)
        except (HalftoneError, StoppedError) as unreported:
            _log.warning("outcome_not_reported", job=self._job.job_id, code=error.code, reason=str(unreported))
