"""Previews: how a file would be read, found by a worker before the import.

A preview is a job without a dataset. Equal requests for one upload share it; a new request cancels those that are
still on their way. The results of an upload go with its bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.jobs import outbox, pairs
from analytics.jobs.lifecycle import LIVE, cancel_all, held, lock
from analytics.models import Job, Preview, Upload, Version

log = structlog.get_logger(__name__)

# Results of one upload; older ones go.
KEPT = 16
_COLUMNS_NOT_SHOWN = "columns_not_shown"


def ask(user: User, upload: Upload, base: Version | None, reading: Mapping[str, Any], now: datetime) -> Job:
    """A preview of an upload, read as `base` was and as `reading` says: one that is there, else a new one.

    Raises `not_found` when the bytes of the upload are gone.
    """
    digest = _digest(base, reading)
    with transaction.atomic():
        if not Upload.objects.select_for_update(no_key=True).filter(pk=upload.pk, removed_at=None):
            raise HalftoneError(ErrorCode.NOT_FOUND, field="upload")
        asked = upload.jobs.filter(kind=Job.Kind.PREVIEW)
        usable = asked.filter(state__in=(*LIVE, Job.State.READY), cancel_requested_at=None, preview__digest=digest)
        job = usable.first()
        cancel_all(asked.exclude(pk=job.pk) if job else asked, now)
        if job is None:
            job = _queued(user, upload, base, reading)
            Preview.objects.create(job=job, digest=digest)
            _forget(asked.exclude(state__in=LIVE).values_list("pk", flat=True)[KEPT - 1 :])
    return job


def check_pair(upload: Upload, base: Version | None, reading: Mapping[str, Any], pair: Mapping[str, str]) -> None:
    """Checks the columns that an import shall order rows by, as far as a preview of the same reading knows them: else
    the worker finds out. Raises `param_invalid`.
    """
    found = Preview.objects.filter(job__upload=upload, digest=_digest(base, reading), result__isnull=False).first()
    if found is None or found.result is None:
        return
    # Of a very wide table a preview has only the first columns.
    is_whole = all(warning["code"] != _COLUMNS_NOT_SHOWN for warning in found.result["reading"]["warnings"])
    if is_whole:
        pairs.check(found.result["columns"], pair, "pair.")


def finish(job_id: UUID, token: int, result: Mapping[str, Any], now: datetime) -> None:
    """Keeps the result of a worker; repeating it with the same token changes nothing.

    Raises `not_found`, `lease_lost`, `conflict` for a job that is no preview.
    """
    with transaction.atomic():
        lock(job_id)
        if Job.objects.filter(pk=job_id, state=Job.State.READY, token=token).exists():
            return
        job = held(job_id, token)
        if job.kind != Job.Kind.PREVIEW:
            raise HalftoneError(ErrorCode.CONFLICT, "This job is no preview.")
        if job.cancel_requested_at is not None:
            raise HalftoneError(ErrorCode.LEASE_LOST, "The job was cancelled.")
        Preview.objects.filter(job=job).update(result=dict(result))
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.READY, lease_expires_at=None, progress_at=now, finished_at=now, phase=""
        )
    log.info("preview_ready", job_id=str(job_id))


def forget_previews(upload: Upload) -> None:
    """Deletes the previews of an upload whose bytes are removed. A worker that still runs one loses its lease."""
    upload.jobs.filter(kind=Job.Kind.PREVIEW).delete()


def _queued(user: User, upload: Upload, base: Version | None, reading: Mapping[str, Any]) -> Job:
    job = Job.objects.create(
        kind=Job.Kind.PREVIEW, owner=user, upload=upload, base=base, reading=dict(reading), bytes_total=upload.bytes
    )
    outbox.wake_ingest()
    log.info("preview_queued", job_id=str(job.pk), upload_id=str(upload.pk))
    return job


def _forget(jobs: Any) -> None:  # noqa: ANN401 - a query set of ids
    Job.objects.filter(pk__in=list(jobs)).delete()


def _digest(base: Version | None, reading: Mapping[str, Any]) -> str:
    body = json.dumps([str(base.pk) if base else None, reading], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()
