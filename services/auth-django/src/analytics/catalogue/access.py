"""Reads with access control: no function returns a row that the user may not see."""

from typing import cast
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.models import Dataset, Job, Role, Upload, Version, slug_validator


def visible(user: User, *, deleted: bool = False) -> QuerySet[Dataset]:
    """The datasets that a user may see, with the annotation `my_role`, in one query."""
    mine = Q(permissions__user=user) | Q(permissions__group__user=user)
    return (
        Dataset.objects.filter(mine, deleted_at__isnull=not deleted)
        .annotate(my_role=Max("permissions__role"))
        .select_related("owner", "newest")
    )


def dataset_for(user: User, slug: str, role: Role = Role.VIEWER) -> Dataset:
    """One dataset by its slug. Raises `unknown_dataset` if the user may not see it, `forbidden` below the role."""
    dataset = visible(user).filter(slug=slug).first() if is_slug(slug) else None
    if dataset is None:
        raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
    if role_of(dataset) < role:
        raise HalftoneError(ErrorCode.FORBIDDEN, f"Only an {role.label} of this dataset may do this.")
    return dataset


def role_of(dataset: Dataset) -> int:
    """The user's role in a dataset from `visible`."""
    return cast("int", vars(dataset)["my_role"])


def search(datasets: QuerySet[Dataset], text: str) -> QuerySet[Dataset]:
    """The datasets with every word in title, slug or description."""
    for word in text.split():
        datasets = datasets.filter(Q(title__icontains=word) | Q(slug__icontains=word) | Q(description__icontains=word))
    return datasets


def is_slug(text: str) -> bool:
    """Whether a text is a valid slug; others never reach the database."""
    return slug_validator.regex.match(text) is not None  # type: ignore[union-attr]  # compiled by Django


def version_of(dataset: Dataset, version_id: str = "") -> Version:
    """The named version of a dataset, or its newest. Raises `version_gone`."""
    if not version_id:
        if dataset.newest is None:
            raise HalftoneError(ErrorCode.VERSION_GONE, "This dataset has no published version yet.")
        return dataset.newest
    wanted = uuid_or_none(version_id)
    version = dataset.versions.filter(pk=wanted).first() if wanted else None
    if version is None:
        raise HalftoneError(ErrorCode.VERSION_GONE, field="version")
    return version


def job_for(user: User, job_id: str) -> Job:
    """A job that the user started. Raises `not_found`."""
    wanted = uuid_or_none(job_id)
    job = jobs_of(user).filter(pk=wanted).first() if wanted else None
    if job is None:
        raise HalftoneError(ErrorCode.NOT_FOUND)
    return job


def jobs_of(user: User) -> QuerySet[Job]:
    """The imports and indexes that a user started."""
    kinds = (Job.Kind.INGEST, Job.Kind.INDEX)
    return Job.objects.filter(owner=user, kind__in=kinds).select_related("dataset", "upload", "published")


def preview_for(user: User, upload_id: str, preview_id: str) -> Job:
    """A preview of an upload of the user. Raises `not_found`."""
    upload = upload_for(user, upload_id)
    wanted = uuid_or_none(preview_id)
    previews = upload.jobs.filter(kind=Job.Kind.PREVIEW).select_related("preview")
    job = previews.filter(pk=wanted).first() if wanted else None
    if job is None:
        raise HalftoneError(ErrorCode.NOT_FOUND, field="preview")
    return job


def whole_upload_for(user: User, upload_id: str | UUID) -> Upload:
    """An upload of the user whose bytes are all there. Raises `not_found`, `upload_conflict`."""
    upload = upload_for(user, upload_id)
    if upload.whole_id:
        raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "This is one file of a set.", field="upload")
    if upload.received is not None:
        raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "This upload is not finished.", field="upload")
    return upload


def upload_for(user: User, upload_id: str | UUID) -> Upload:
    """An upload of the user whose bytes are not removed; they may still arrive. Raises `not_found`."""
    wanted = uuid_or_none(str(upload_id))
    upload = Upload.objects.filter(pk=wanted, owner=user, removed_at=None).first() if wanted else None
    if upload is None:
        raise HalftoneError(ErrorCode.NOT_FOUND, field="upload")
    return upload


def uuid_or_none(text: str) -> UUID | None:
    """A UUID in its usual spelling."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
