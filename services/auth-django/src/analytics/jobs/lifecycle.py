"""The states of a job: queued → running → published or ready | failed | cancelled.

A worker holds a job by a lease and a fencing token. Every transition is one compare-and-swap on the row, so a worker
that lost its lease (killed, frozen, cut off) can change nothing, and a job delivered twice publishes once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.jobs import drafts, outbox
from analytics.models import Dataset, Job, Upload

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 3
LIVE = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress that a worker reports when it renews its lease."""

    phase: str
    rows: int
    rows_total: int | None
    bytes: int
    bytes_total: int


def enqueue(
    user: User,
    dataset: Dataset,
    upload: Upload,
    reading: Mapping[str, Any] | None = None,
    pair: Mapping[str, str] | None = None,
) -> Job:
    """A job that imports an upload; `reading` is what a person changed of how the file is read, `pair` the columns x
    and y that rows shall be ordered by.

    Raises `upload_conflict` if another job imports or imported it, `unknown_dataset` if the dataset was deleted.
    """
    with transaction.atomic():
        # Both rows stay locked until the job exists: no delete and no other import comes in between.
        if not Dataset.objects.select_for_update(no_key=True).filter(pk=dataset.pk, deleted_at=None):
            raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
        kept = Upload.objects.select_for_update(no_key=True).filter(pk=upload.pk, removed_at=None).first()
        imports = upload.jobs.filter(kind=Job.Kind.INGEST)
        if kept is None or imports.exclude(state__in=(Job.State.FAILED, Job.State.CANCELLED)).exists():
            raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "This upload has been imported already.", field="upload")
        job = Job.objects.create(
            owner=user,
            dataset=dataset,
            title=dataset.title,
            upload=upload,
            reading=dict(reading or {}),
            pair=dict(pair or {}),
            bytes_total=upload.bytes,
        )
        outbox.wake_ingest()
    log.info("job_queued", job_id=str(job.pk), dataset_id=str(dataset.pk))
    return job


def claim(worker: str, kinds: Sequence[str], now: datetime) -> Job | None:
    """Leases the oldest queued job, or one with an expired lease, to `worker`; None if there is none."""
    while True:
        job = _claimable(kinds, now).order_by("created_at", "id").first()
        if job is None:
            return None
        if job.cancel_requested_at is not None:
            _finish(job, Job.State.CANCELLED, now)
        elif job.token >= MAX_ATTEMPTS:
            _fail_after_max_attempts(job, now)
        elif _take(job, worker, now):
            log.info("job_claimed", job_id=str(job.pk), worker=worker, attempt=job.token + 1)
            return Job.objects.select_related("upload", "base", "dataset__newest").get(pk=job.pk)


def _claimable(kinds: Sequence[str], now: datetime) -> QuerySet[Job]:
    expired = Q(state=Job.State.RUNNING, lease_expires_at__lte=now)
    return Job.objects.filter(Q(state=Job.State.QUEUED) | expired, kind__in=kinds)


def _take(job: Job, worker: str, now: datetime) -> bool:
    return _compare_and_swap(
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


def _compare_and_swap(job: Job, **changes: object) -> bool:
    """Updates the row if state, token and lease are unchanged since they were read."""
    unchanged = Job.objects.filter(pk=job.pk, state=job.state, token=job.token, lease_expires_at=job.lease_expires_at)
    return bool(unchanged.update(**changes))


def _fail_after_max_attempts(job: Job, now: datetime) -> None:
    detail = f"Three workers died or went silent while reading this file (last: {job.worker})."
    _finish(job, Job.State.FAILED, now, ErrorCode.PARSER_CRASH, detail)


def _finish(job: Job, state: Job.State, now: datetime, code: str = "", detail: str = "", field: str = "") -> bool:
    """Ends a job. Cancelling increments the token, so that the next request of a running worker is refused."""
    token = job.token + 1 if state == Job.State.CANCELLED else job.token
    with transaction.atomic():
        drafts.lock(job)
        done = _compare_and_swap(
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
            drafts.withdraw(job, now)
            log.info("job_finished", job_id=str(job.pk), state=state, code=code)
    return done


def held(job_id: UUID, token: int) -> Job:
    """The running job whose lease this token holds. Raises `not_found`, `lease_lost`."""
    job = Job.objects.filter(pk=job_id).select_related("dataset", "upload").first()
    if job is None:
        raise HalftoneError(ErrorCode.NOT_FOUND)
    if job.state != Job.State.RUNNING or job.token != token:
        raise HalftoneError(ErrorCode.LEASE_LOST)
    return job


def renew_lease(job_id: UUID, token: int, progress: Progress, now: datetime) -> bool:
    """Renews the lease and records progress; returns whether the job should stop. Raises `not_found`, `lease_lost`."""
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
    return is_unwanted(job)


def is_unwanted(job: Job) -> bool:
    """Whether a running job should end without a result."""
    is_deleted = job.dataset is not None and job.dataset.deleted_at is not None
    return job.cancel_requested_at is not None or is_deleted


def fail(job_id: UUID, token: int, code: str, detail: str, field: str, now: datetime) -> None:
    """Ends a job that its worker reports as failed; the code `cancelled` confirms a cancellation.

    Raises `not_found`, `lease_lost`.
    """
    with transaction.atomic():
        lock(job_id)
        job = held(job_id, token)
        if code == ErrorCode.CANCELLED:
            done = _finish(job, Job.State.CANCELLED, now)
        else:
            done = _finish(job, Job.State.FAILED, now, HalftoneError(code).code, detail, field)
        if not done:
            raise HalftoneError(ErrorCode.LEASE_LOST)


def cancel(job: Job, now: datetime) -> Job:
    """Cancels a job without a lease at once, else requests it from the worker. Raises `conflict` for a finished job."""
    with transaction.atomic():
        lock(job.pk)
        job.refresh_from_db()
        if job.state == Job.State.CANCELLED:
            return job
        if job.state not in LIVE:
            raise HalftoneError(ErrorCode.CONFLICT, f"The job is {job.state} already.")
        _cancel(job, now)
    job.refresh_from_db()
    return job


def lock(job_id: UUID) -> None:
    """Locks a job until the transaction ends: renewals, claims and publications of it wait. Its dataset comes first, as
    everywhere: two who lock them in different orders would wait for each other.
    """
    Dataset.objects.select_for_update(of=("self",), no_key=True).filter(jobs=job_id).first()
    Job.objects.select_for_update(of=("self",)).filter(pk=job_id).first()


def cancel_all(jobs: QuerySet[Job], now: datetime) -> None:
    """Cancels those of the jobs that are unfinished. Call inside a transaction that has locked their dataset."""
    for job in jobs.select_for_update(of=("self",)).filter(state__in=LIVE):
        _cancel(job, now)


def _cancel(job: Job, now: datetime) -> None:
    lease_runs = job.lease_expires_at is not None and job.lease_expires_at > now
    if job.state == Job.State.RUNNING and lease_runs:
        Job.objects.filter(pk=job.pk, cancel_requested_at=None).update(cancel_requested_at=now)
    else:
        _finish(job, Job.State.CANCELLED, now)
