"""Drafts: datasets that an import made and that have no version yet. A draft goes when no import of it is left.

It goes as a deleted dataset does: hidden at once, its slug free, its files removed by the sweep. Its jobs and uploads
stay, so that a person sees what failed and can import the file again.
"""

from datetime import datetime

import structlog

from analytics.models import Dataset, Job

log = structlog.get_logger(__name__)


def lock(job: Job) -> None:
    """Locks a job's dataset until the transaction ends, so that of two jobs that end at once one sees the other end."""
    if job.dataset_id is not None:
        Dataset.objects.select_for_update(no_key=True).filter(pk=job.dataset_id).first()


def withdraw(job: Job, now: datetime) -> None:
    """Hides the draft of a job that has ended without a version, unless another import of it is left. Call locked."""
    if job.dataset_id is None:
        return
    left = Job.objects.filter(dataset=job.dataset_id, state__in=(Job.State.QUEUED, Job.State.RUNNING))
    draft = Dataset.objects.filter(pk=job.dataset_id, is_draft=True, deleted_at=None)
    if not left.exists() and draft.update(deleted_at=now):
        log.info("draft_withdrawn", dataset_id=str(job.dataset_id))
