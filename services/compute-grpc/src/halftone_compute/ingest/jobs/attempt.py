"""One attempt at a job, from its claim to its outcome."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.index.pair import PairWish, pair_of
from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.lease import LeaseRenewal
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason
from halftone_compute.ingest.registry import ending_of
from halftone_compute.ingest.sandbox.messages import ConvertRequest, OrderRequest, Progress
from halftone_compute.ingest.sandbox.parent import convert_in_child, order_in_child
from halftone_compute.ingest.source import bytes_of
from halftone_compute.store.manifest import FILE_NAME, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace
    from halftone_compute.ingest.write.staging import StagedVersion

_log = structlog.get_logger(__name__)
# How long reporting an outcome is retried while auth is unreachable. By then another worker has the lease.
RETRY_SECONDS = 300.0
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def disk_error(error: OSError) -> HalftoneError:
    """`no_space` for a full disk or quota, else `internal`."""
    return HalftoneError(ErrorCode.NO_SPACE if error.errno in _NO_SPACE else ErrorCode.INTERNAL)


class JobAttempt:
    """Runs `job` once. `stop` ends it early."""

    def __init__(self, client: JobsClient, job: Job, workspace: Workspace, stop: StopFlag) -> None:
        self._client = client
        self._job = job
        self._workspace = workspace
        self._stop = stop
        self._staging = workspace.staging(job)

    def run(self) -> str:
        """Does the work. The outcome as metrics name it: published, a StopReason, or an error code."""
        try:
            self._publish(self._stage())
        except StoppedError as stopped:
            return stopped.reason.value
        except HalftoneError as error:
            return error.code.value
        finally:
            self._workspace.forget_fetched(self._job)
        return "published"

    def _stage(self) -> StagedVersion:
        """Raises HalftoneError or StoppedError when there is no version, after cleaning up and reporting to auth."""
        with LeaseRenewal(self._client, self._job, self._stop) as lease:
            try:
                return self._write(lease)
            except StoppedError as stopped:
                is_cancelled = stopped.reason is StopReason.CANCELLED
                self._give_up(HalftoneError(ErrorCode.CANCELLED) if is_cancelled else None)
                raise
            except HalftoneError as error:
                self._give_up(error)
                raise

    def _write(self, lease: LeaseRenewal) -> StagedVersion:
        try:
            size = self._rows(lease)
            self._order(lease)
            lease.report(Progress("publishing", 0, None, size, size))
            staged = self._staging.finish()
            self._staging.deliver(staged, self._copy_progress(lease, "publishing", staged.manifest.rows))
        except OSError as error:
            _log.exception("job_failed", job=self._job.job_id)
            raise disk_error(error) from error
        self._stop.check()
        return staged

    def _rows(self, lease: LeaseRenewal) -> int:
        """Converts the file, unless an earlier attempt has; its bytes."""
        request = self._request(lease)
        if not self._staging.create(self._stop.check):
            convert_in_child(request, self._workspace.limits, lease.report, self._stop.check)
        return bytes_of(request.source)

    def _order(self, lease: LeaseRenewal) -> None:
        """Puts the rows in order, where there is an order for them: a child takes seconds to start."""
        folder, limits = self._staging.folder, self._workspace.limits
        manifest = load((folder / FILE_NAME).read_bytes())
        if pair_of(manifest, PairWish.from_json(self._job.pair)) is not None:
            request = OrderRequest(folder, limits.memory, self._job.pair)
            order_in_child(request, limits, lease.report, self._stop.check)

    def _request(self, lease: LeaseRenewal) -> ConvertRequest:
        source = self._workspace.import_source(self._job, self._staging, self._copy_progress(lease, "fetching", 0))
        return ConvertRequest(
            source=source,
            # A file that came before any format was known to auth is judged by its name here.
            format=self._job.format or ending_of(self._job.name),
            folder=self._staging.folder,
            max_bytes=self._workspace.max_bytes,
            reading=self._job.reading,
            base=self._job.base,
            pair=self._job.pair,
            dataset_id=self._job.dataset_id,
            version_id=self._job.version_id,
        )

    def _copy_progress(self, lease: LeaseRenewal, phase: str, rows: int) -> Callable[[int, int], None]:
        """A callback of a copy: reports the bytes so far and in all, and raises StoppedError when the job must end."""

        def on_progress(done: int, total: int) -> None:
            lease.report(Progress(phase, rows, rows or None, done, total))
            self._stop.check()

        return on_progress

    def _publish(self, staged: StagedVersion) -> None:
        """Runs without lease renewal: only the answer to this call decides whether the version counts.

        While that is unknown (auth is unreachable, the worker shuts down) the files stay. If the version did not
        count, the worker that claims the job next removes them.
        """
        try:
            version = self._client.publish(self._job, staged, self._stop, RETRY_SECONDS)
        except StoppedError as stopped:
            if stopped.reason is StopReason.LEASE_LOST:
                self._give_up(None)
            raise
        except HalftoneError as error:
            if error.code != ErrorCode.AUTH_UNAVAILABLE:
                self._give_up(error)
            raise
        if version != self._job.version_id:
            self._give_up(None)
        metrics.ROWS.inc(staged.manifest.rows)
        metrics.BYTES.inc(staged.manifest.bytes)

    def _give_up(self, error: HalftoneError | None) -> None:
        """Removes what was written, then reports `error` to auth if there is one."""
        try:
            self._staging.discard()
        except (OSError, HalftoneError):
            _log.exception("staging_not_removed", job=self._job.job_id)
        if error is None:
            return
        try:
            self._client.fail(self._job, error, self._stop, RETRY_SECONDS)
        except (HalftoneError, StoppedError) as unreported:
            _log.warning("outcome_not_reported", job=self._job.job_id, code=error.code, reason=str(unreported))
