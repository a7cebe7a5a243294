"""The life of a job: queued → running → published | failed | cancelled.

A worker holds a job by a lease and a fencing token. Every step is one compare-and-swap on the row, so a worker that
lost its lease (killed, frozen, cut off) can change nothing any more, and a job delivered twice publishes once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.jobs import outbox
from analytics.models import Dataset, Job, Upload

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 3
LIVE = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a heartbeat tells."""

    phase: str
    rows: int
    rows_total: int | None
    bytes: int
    bytes_total: int


def enqueue(user: User, dataset: Dataset, upload: Upload) -> Job:
    """A job that imports an upload.

    Raises `upload_conflict` when another job already does, or did, `unknown_dataset` for one deleted meanwhile.
    """
    with transaction.atomic():
        # Both stay as they are until the job is there: neither a delete nor another import comes between.
        if not Dataset.objects.select_for_update(no_key=True).filter(pk=dataset.pk, deleted_at=None):
            raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
        kept = Upload.objects.select_for_update(no_key=True).filter(pk=upload.pk, removed_at=None).first()
        if kept is None or upload.jobs.exclude(state__in=(Job.State.FAILED, Job.State.CANCELLED)).exists():
            raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "This upload has been imported already.", field="upload")
        job = Job.objects.create(owner=user, dataset=dataset, upload=upload, bytes_total=upload.bytes)
        outbox.wake_ingest()
    log.info("job_queued", job_id=str(job.pk), dataset_id=str(dataset.pk))
    return job


def claim(worker: str, kinds: Sequence[str], now: datetime) -> Job | None:
    """The oldest job that is queued or whose worker has gone silent, now held by `worker`; None when there is none."""
    while True:
        job = _claimable(kinds, now).order_by("created_at", "id").first()
        if job is None:
            return None
        if job.cancel_requested_at is not None:
            _finish(job, Job.State.CANCELLED, now)
        elif job.token >= MAX_ATTEMPTS:
            _fail_worn_out(job, now)
        elif _take(job, worker, now):
            log.info("job_claimed", job_id=str(job.pk), worker=worker, attempt=job.token + 1)
            return Job.objects.select_related("upload").get(pk=job.pk)


def _claimable(kinds: Sequence[str], now: datetime) -> QuerySet[Job]:
    silent = Q(state=Job.State.RUNNING, lease_expires_at__lte=now)
    return Job.objects.filter(Q(state=Job.State.QUEUED) | silent, kind__in=kinds)


def _take(job: Job, worker: str, now: datetime) -> bool:
    return _swap(
        job,
        state=Job.State.RUNNING,
        token=job.token + 1,
        worker=worker,
        lease_expires_at=now + LEASE,
        started_at=now,
        progress_at=now,
        phase="starting",
        rows=0,
        rows_total=None,
        bytes=0,
    )


def _swap(job: Job, **changes: object) -> bool:
    """Changes the row if state, token and lease are still those that were read."""
    unchanged = Job.objects.filter(pk=job.pk, state=job.state, token=job.token, lease_expires_at=job.lease_expires_at)
    return bool(unchanged.update(**changes))


def _fail_worn_out(job: Job, now: datetime) -> None:
    detail = f"Three workers died or went silent while importing this file (last: {job.worker})."
    _finish(job, Job.State.FAILED, now, ErrorCode.PARSER_CRASH, detail)


def _finish(job: Job, state: Job.State, now: datetime, code: str = "", detail: str = "", field: str = "") -> bool:
    """Ends a job. The token moves on, so that a worker that still runs is told with its next word."""
    token = job.token + 1 if state == Job.State.CANCELLED else job.token
    done = _swap(
        job,
        state=state,
        token=token,
        lease_expires_at=None,
        finished_at=now,
        error_code=code,
        error_detail=detail[:1000],
        error_field=field[:255],
    )
    if done:
        log.info("job_finished", job_id=str(job.pk), state=state, code=code)
    return done


def held(job_id: UUID, token: int) -> Job:
    """A running job, if this token holds it. Raises `not_found`, `lease_lost`."""
    job = Job.objects.filter(pk=job_id).select_related("dataset", "upload").first()
    if job is None:
        raise HalftoneError(ErrorCode.NOT_FOUND)
    if job.state != Job.State.RUNNING or job.token != token:
        raise HalftoneError(ErrorCode.LEASE_LOST)
    return job


def heartbeat(job_id: UUID, token: int, progress: Progress, now: datetime) -> bool:
    """Keeps the lease and notes progress; returns whether the job should stop. Raises `not_found`, `lease_lost`."""
    job = held(job_id, token)
    kept = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, token=token).update(
        lease_expires_at=now + LEASE,
        progress_at=now,
        phase=progress.phase,
        rows=progress.rows,
        rows_total=progress.rows_total,
        bytes=progress.bytes,
        bytes_total=progress.bytes_total,
    )
    if not kept:
        raise HalftoneError(ErrorCode.LEASE_LOST)
    return job.cancel_requested_at is not None or job.dataset.deleted_at is not None


def fail(job_id: UUID, token: int, code: str, detail: str, field: str, now: datetime) -> None:
    """Ends a job that its worker gave up; the code `cancelled` confirms a cancel. Raises `not_found`, `lease_lost`."""
    with transaction.atomic():
        # A heartbeat of the same worker may not come between the look and the change.
        Job.objects.select_for_update().filter(pk=job_id).first()
        job = held(job_id, token)
        if code == ErrorCode.CANCELLED:
            done = _finish(job, Job.State.CANCELLED, now)
        else:
            done = _finish(job, Job.State.FAILED, now, HalftoneError(code).code, detail, field)
        if not done:
            raise HalftoneError(ErrorCode.LEASE_LOST)


def cancel(job: Job, now: datetime) -> Job:
    """Cancels at once what nobody holds; asks the worker otherwise. Raises `conflict` for a finished job."""
    with transaction.atomic():
        # Locked: a worker that claims or publishes it at this moment does so before, or not at all.
        job.refresh_from_db(from_queryset=Job.objects.select_for_update())
        if job.state == Job.State.CANCELLED:
            return job
        if job.state not in LIVE:
            raise HalftoneError(ErrorCode.CONFLICT, f"The job is {job.state} already.")
        _cancel(job, now)
    job.refresh_from_db()
    return job


def cancel_all(dataset: Dataset, now: datetime) -> None:
    """Cancels every live job of a dataset; called inside of a transaction."""
    for job in dataset.jobs.select_for_update().filter(state__in=LIVE):
        _cancel(job, now)


def _cancel(job: Job, now: datetime) -> None:
    lease_runs = job.lease_expires_at is not None and job.lease_expires_at > now
    if job.state == Job.State.RUNNING and lease_runs:
        Job.objects.filter(pk=job.pk, cancel_requested_at=None).update(cancel_requested_at=now)
    else:
        _finish(job, Job.State.CANCELLED, now)
