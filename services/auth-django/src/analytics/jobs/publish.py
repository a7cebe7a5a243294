"""Publication: creates a version, atomically."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError

from analytics import events
from analytics.jobs.lifecycle import held, is_unwanted, lock
from analytics.models import Dataset, Event, Job, Version

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Publication:
    """The result of a worker. `manifest` is relative to the storage root, `columns` is proto3 JSON."""

    token: int
    manifest: str
    manifest_sha256: str
    rows: int
    bytes: int
    columns: Sequence[Mapping[str, Any]]
    content_hash: str
    skipped: Sequence[Mapping[str, str]] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    unreadable: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Mapping[str, str]] = ()
    pair: Mapping[str, str] = field(default_factory=dict)


def publish(job_id: UUID, made: Publication, now: datetime) -> Version:
    """Publishes a version; repeating it with the same token returns the same version.

    Content equal to the newest version publishes nothing and returns that version.
    Raises `not_found`, `lease_lost`, `param_invalid`, `checksum_mismatch`, and `conflict` for an index when another
    version came meanwhile.
    """
    with transaction.atomic():
        # Serialises publications of a dataset: versions are numbered consecutively.
        lock(job_id)
        job = Job.objects.filter(pk=job_id).select_related("published").first()
        if job is not None and job.state == Job.State.PUBLISHED and job.token == made.token and job.published:
            return job.published
        job = held(job_id, made.token)
        dataset = job.dataset
        if dataset is None:
            raise HalftoneError(ErrorCode.CONFLICT, "A preview has no version to publish.")
        if is_unwanted(job):
            raise HalftoneError(ErrorCode.LEASE_LOST, "The job was cancelled.")
        newest = Version.objects.filter(dataset=dataset).order_by("-number").first()
        if job.kind == Job.Kind.INDEX and (newest is None or newest.pk != job.base_id):
            raise HalftoneError(ErrorCode.CONFLICT, "A newer version came meanwhile; order that one.")
        if newest is not None and newest.content_hash == made.content_hash:
            version = newest
        else:
            version = _create(job, dataset, made, newest.number + 1 if newest else 1, now)
        _finish(job, version, made, now)
    log.info("version_published", job_id=str(job_id), version_id=str(version.pk), rows=version.rows)
    return version


def _create(job: Job, dataset: Dataset, made: Publication, number: int, now: datetime) -> Version:
    check_manifest(job, made)
    version = Version.objects.create(
        id=job.version_id,
        dataset=dataset,
        number=number,
        rows=made.rows,
        bytes=made.bytes,
        columns=list(made.columns),
        manifest=made.manifest,
        manifest_sha256=made.manifest_sha256,
        content_hash=made.content_hash,
        pair=dict(made.pair),
        reading=dict(made.reading),
        unreadable=dict(made.unreadable),
        warnings=list(made.warnings),
        published_at=now,
    )
    Dataset.objects.filter(pk=dataset.pk).update(
        newest=version, is_draft=False, revision=F("revision") + 1, updated_at=now
    )
    events.emit(Event.Kind.VERSION_PUBLISHED, dataset_id=dataset.pk, version_id=version.pk)
    return version


def _finish(job: Job, version: Version, made: Publication, now: datetime) -> None:
    done = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, token=made.token).update(
        state=Job.State.PUBLISHED,
        published=version,
        lease_expires_at=None,
        progress_at=now,
        finished_at=now,
        phase="",
        rows=made.rows,
        rows_total=made.rows,
        bytes=F("bytes_total"),
        skipped=list(made.skipped),
        unreadable=dict(made.unreadable),
        warnings=list(made.warnings),
    )
    if not done:
        raise HalftoneError(ErrorCode.LEASE_LOST)


def check_manifest(job: Job, made: Publication) -> None:
    """Checks the path of the manifest and its SHA-256. Raises `param_invalid`, `checksum_mismatch`."""
    expected = f"{folder_of(job)}/{made.token}/manifest.json"
    if made.manifest != expected:
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"The manifest of this job is {expected}.", field="manifest")
    try:
        digest = hashlib.sha256(storage().read(made.manifest)).hexdigest()
    except FileNotFoundError as error:
        raise HalftoneError(ErrorCode.CHECKSUM_MISMATCH, "There is no such manifest.", field="manifest") from error
    if digest != made.manifest_sha256.lower():
        raise HalftoneError(ErrorCode.CHECKSUM_MISMATCH, field="manifest_sha256")


def folder_of(job: Job) -> str:
    """The folder of a job, relative to the storage root; each attempt has a subfolder."""
    return f"datasets/{job.dataset_id}/versions/{job.version_id}"
