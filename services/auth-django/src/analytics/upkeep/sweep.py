"""Deferred work: deletes expired rows and files, retries unsent messages. Every part may be repeated or interrupted."""

from datetime import datetime, timedelta
from pathlib import PurePosixPath

import structlog
from django.db import transaction
from django.db.models import Min, Q
from halftone_auth.storage import storage
from users.services import forget_old_sessions

from analytics import events
from analytics.catalogue.datasets import UNDO
from analytics.jobs import outbox, previews
from analytics.jobs.lifecycle import LIVE
from analytics.jobs.publish import folder_of
from analytics.models import Dataset, IdempotencyKey, Job, Upload
from analytics.uploads import resumable

log = structlog.get_logger(__name__)

# A worker that lost its lease may still write for a while.
SETTLE = timedelta(minutes=2)
UPLOAD_KEPT = timedelta(days=1)
KEY_KEPT = timedelta(days=1)
BATCH = 50


def sweep(now: datetime) -> dict[str, int]:
    """Does all due work; returns counts by kind."""
    return {
        "messages_sent": outbox.send_unsent(),
        "messages_forgotten": outbox.forget_sent(),
        "events_forgotten": events.forget_old(now),
        "sessions_forgotten": forget_old_sessions(now),
        "keys_forgotten": IdempotencyKey.objects.filter(created_at__lt=now - KEY_KEPT).delete()[0],
        # Last, because the storage may be unreachable.
        "datasets_removed": remove_deleted_datasets(now),
        "jobs_tidied": tidy_jobs(now),
        "uploads_expired": remove_expired_uploads(now),
        "uploads_removed": remove_stale_uploads(now),
    }


def remove_deleted_datasets(now: datetime) -> int:
    """Removes files and rows of datasets whose undo period has ended."""
    due = list(Dataset.objects.filter(deleted_at__lte=now - UNDO).exclude(jobs__state__in=LIVE)[:BATCH])
    for dataset in due:
        remove_dataset(dataset)
    return len(due)


def remove_dataset(dataset: Dataset) -> None:
    """Removes files first: without the rows, left-over files could not be found."""
    if dataset.is_draft:
        _remove_draft(dataset)
    else:
        _remove_published(dataset)
    log.info("dataset_removed", dataset_id=str(dataset.pk))


def _remove_draft(dataset: Dataset) -> None:
    """The jobs stay: they say why there is no dataset. Their uploads stay for another try."""
    storage().remove(f"datasets/{dataset.pk}")
    with transaction.atomic():
        Job.objects.filter(dataset=dataset).update(dataset=None)
        dataset.delete()


def _remove_published(dataset: Dataset) -> None:
    # An upload whose import failed here may be part of another dataset's running import.
    for upload in Upload.objects.filter(jobs__dataset=dataset).exclude(jobs__state__in=LIVE).distinct():
        storage().remove(f"uploads/{upload.pk}")
        previews.forget_previews(upload)
    storage().remove(f"datasets/{dataset.pk}")
    with transaction.atomic():
        uploads = list(Upload.objects.filter(jobs__dataset=dataset).values_list("pk", flat=True))
        Job.objects.filter(dataset=dataset).delete()
        dataset.delete()
        Upload.objects.filter(pk__in=uploads, jobs=None).delete()


def tidy_jobs(now: datetime) -> int:
    """Removes files of finished imports: unpublished attempts, and the source after publication.

    A draft is removed with all its files, and a preview writes none.
    """
    due = Job.objects.exclude(state__in=LIVE).filter(
        tidied_at=None, finished_at__lte=now - SETTLE, dataset__isnull=False
    )
    done = list(due.select_related("upload", "published")[:BATCH])
    for job in done:
        _tidy(job, now)
    return len(done)


def _tidy(job: Job, now: datetime) -> None:
    folder = folder_of(job)
    if job.published is None or job.published.pk != job.version_id:
        storage().remove(folder)
    else:
        for attempt in storage().children(folder):
            if attempt != PurePosixPath(job.published.manifest).parent.name:
                storage().remove(f"{folder}/{attempt}")
    if job.state == Job.State.PUBLISHED and job.upload is not None:
        remove_upload(job.upload, now)
    Job.objects.filter(pk=job.pk).update(tidied_at=now)


def remove_expired_uploads(now: datetime) -> int:
    """Removes unfinished uploads that were not continued in time."""
    idle = Q(writer_until=None) | Q(writer_until__lte=now)
    open = Upload.objects.filter(idle, whole=None, received__isnull=False, removed_at=None)
    due = list(open.filter(expires_at__lte=now)[:BATCH])
    for upload in due:
        resumable.discard(upload)
        log.info("upload_expired", upload_id=str(upload.pk))
    return len(due)


def remove_stale_uploads(now: datetime) -> int:
    """Removes uploads without an import for a day, and files of crashed uploads."""
    whole = Upload.objects.filter(removed_at=None, whole=None, received=None)
    stale = whole.filter(created_at__lte=now - UPLOAD_KEPT).exclude(jobs__state__in=LIVE)
    uploads = list(stale[:BATCH])
    removed = [_remove_unused(upload, now) for upload in uploads]
    return sum(removed) + _remove_orphans(now)


def _remove_unused(upload: Upload, now: datetime) -> bool:
    """Removes an upload unless an import starts concurrently: both lock its row to decide."""
    with transaction.atomic():
        kept = Upload.objects.select_for_update(no_key=True).filter(pk=upload.pk, removed_at=None).first()
        if kept is None or kept.jobs.filter(state__in=LIVE).exists():
            return False
        remove_upload(kept, now)
    return True


def remove_upload(upload: Upload, now: datetime) -> None:
    """Removes the bytes and the previews; the row stays as the record of a version's source."""
    storage().remove(f"uploads/{upload.pk}")
    previews.forget_previews(upload)
    upload.parts.all().delete()
    Upload.objects.filter(pk=upload.pk).update(removed_at=now)


def _remove_orphans(now: datetime) -> int:
    known = {str(pk) for pk in Upload.objects.filter(removed_at=None).values_list("pk", flat=True)}
    before = (now - UPLOAD_KEPT).timestamp()
    unknown = [f"uploads/{name}" for name in storage().children("uploads") if name not in known]
    orphans = [name for name in unknown if (storage().changed(name) or before) < before]
    for name in orphans:
        storage().remove(name)
    oldest = Upload.objects.filter(received__isnull=False).aggregate(at=Min("created_at"))["at"]
    return len(orphans) + storage().forget_unfinished(min(before, oldest.timestamp() - 1 if oldest else before))
