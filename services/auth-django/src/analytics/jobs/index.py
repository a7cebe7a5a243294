"""An index: a job that orders the rows of the newest version by other columns, as the next version."""

import structlog
from django.db import transaction
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.jobs import outbox, pairs
from analytics.jobs.lifecycle import LIVE
from analytics.models import Dataset, Job

log = structlog.get_logger(__name__)


def enqueue(user: User, dataset: Dataset, x: str, y: str) -> Job:
    """Raises `unknown_dataset` for a dataset that was deleted, `version_gone` for one without a version,
    `param_invalid` for columns that are no axes, and `conflict` when there is nothing to do, or it is done already.
    """
    pair = {"x": x, "y": y}
    with transaction.atomic():
        # Locked until the job exists: no delete, no publication and no other index comes in between.
        locked = Dataset.objects.select_for_update(of=("self",), no_key=True).filter(pk=dataset.pk, deleted_at=None)
        found = locked.select_related("newest").first()
        if found is None:
            raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
        version = found.newest
        if version is None:
            raise HalftoneError(ErrorCode.VERSION_GONE, "This dataset has no published version yet.")
        pairs.check(version.columns, pair, "")
        if version.rows <= pairs.LEAF_ROWS:
            raise HalftoneError(ErrorCode.CONFLICT, f"A table of at most {pairs.LEAF_ROWS:,} rows needs no order.")
        if version.pair == pair:
            raise HalftoneError(ErrorCode.CONFLICT, "Rows are ordered by these columns already.")
        if found.jobs.filter(kind=Job.Kind.INDEX, state__in=LIVE).exists():
            raise HalftoneError(ErrorCode.CONFLICT, "The rows of this dataset are being ordered already.")
        job = Job.objects.create(
            kind=Job.Kind.INDEX,
            owner=user,
            dataset=found,
            title=found.title,
            base=version,
            pair=pair,
            bytes_total=version.bytes,
        )
        outbox.wake_ingest()
    log.info("index_queued", job_id=str(job.pk), dataset_id=str(dataset.pk))
    return job
