"""The JSON documents of the REST API."""

from collections.abc import Sequence
from typing import Any, TypedDict

from django.utils import timezone
from halftone_servicekit.errors import ErrorCode
from rest_framework import serializers
from typing_extensions import override

from analytics.catalogue.access import role_of
from analytics.models import Dataset, Job, Permission, Role, Upload, Version
from analytics.rest.pairs import PairField

READING = "How the file was read: format, dialect, columns. Empty for a version made before readings were kept."
UNREADABLE = "By column, the cells that did not fit its type: count, and line and text of the first ten."
PAIR = "The columns that rows are ordered by; null for few rows, one axis, or a version made before it was kept."
WARNINGS = "What the reader had to say about the file: code, text, column."


class RoleField(serializers.ChoiceField):
    """A role by its name."""

    def __init__(self) -> None:
        super().__init__(choices=[role.label for role in Role])

    @override
    def to_representation(self, value: Any) -> str:
        return str(Role(value).label)


class VersionDocument(serializers.ModelSerializer[Version]):
    version_id = serializers.UUIDField(source="id")
    pair = PairField(help_text=PAIR)

    class Meta:
        model = Version
        fields = ("version_id", "number", "rows", "bytes", "published_at", "pair")


class VersionDetail(serializers.ModelSerializer[Version]):
    version_id = serializers.UUIDField(source="id")
    reading = serializers.DictField(help_text=READING)
    unreadable = serializers.DictField(help_text=UNREADABLE)
    warnings = serializers.ListField(child=serializers.DictField(), help_text=WARNINGS)
    pair = PairField(help_text=PAIR)

    class Meta:
        model = Version
        fields = ("version_id", "number", "rows", "bytes", "published_at", "pair", "reading", "unreadable", "warnings")


class VersionName(serializers.ModelSerializer[Version]):
    version_id = serializers.UUIDField(source="id")

    class Meta:
        model = Version
        fields = ("version_id", "number", "rows")


class DatasetName(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields = ("id", "slug", "title")


class Person(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()


class DatasetDocument(serializers.ModelSerializer[Dataset]):
    owner = Person()
    role = serializers.SerializerMethodField(help_text="The caller's role: viewer, editor or owner.")
    version = VersionDocument(source="newest", allow_null=True, help_text="The newest; null before the first.")

    class Meta:
        model = Dataset
        fields = (
            "id", "slug", "title", "description", "owner", "role", "version", "revision", "created_at", "updated_at",
        )  # fmt: skip

    def get_role(self, dataset: Dataset) -> str:
        return str(Role(role_of(dataset)).label)


class PermissionDocument(serializers.ModelSerializer[Permission]):
    user = serializers.CharField(source="user.email", default=None, allow_null=True)
    group = serializers.CharField(source="group.name", default=None, allow_null=True)
    role = RoleField()

    class Meta:
        model = Permission
        fields = ("id", "user", "group", "role", "created_at")


class UploadPart(TypedDict):
    """One file of a set, an upload of its own."""

    id: str
    name: str
    bytes: int
    received: int


class UploadDocument(serializers.ModelSerializer[Upload]):
    received = serializers.SerializerMethodField(help_text="Bytes that are safe; as many as `bytes` once it is whole.")
    parts = serializers.SerializerMethodField(help_text="The files of a set, by name; none of a single file.")

    class Meta:
        model = Upload
        fields = ("id", "name", "format", "bytes", "received", "created_at", "expires_at", "parts")

    def get_received(self, upload: Upload) -> int:
        # A set itself receives nothing: its files do.
        return sum(part["received"] for part in self.get_parts(upload)) or _received(upload)

    def get_parts(self, upload: Upload) -> list[UploadPart]:
        parts = sorted(upload.parts.all(), key=lambda part: part.name)
        return [
            {"id": str(part.pk), "name": part.name, "bytes": part.bytes, "received": _received(part)} for part in parts
        ]


def _received(upload: Upload) -> int:
    return upload.bytes if upload.received is None else upload.received


class JobError(TypedDict):
    """Why a job failed."""

    code: str
    detail: str
    field: str


class SkippedColumn(TypedDict):
    """A source column that was left out: its type there, and an error code."""

    name: str
    dtype: str
    reason: str


class JobDocument(serializers.ModelSerializer[Job]):
    dataset = serializers.CharField(
        source="dataset.slug", default=None, allow_null=True, help_text="Slug; null when an import made it in vain."
    )
    title = serializers.SerializerMethodField(help_text="Title of the dataset.")
    version = serializers.UUIDField(source="published_id", allow_null=True, help_text="Once published.")
    source = serializers.CharField(source="upload.name", default="", help_text="Name of the file; empty for an index.")  # type: ignore[assignment]  # hides DRF's
    pair = PairField(help_text="The columns that rows shall be ordered by, where a person named them.")
    cancelling = serializers.SerializerMethodField()
    rows_per_second = serializers.SerializerMethodField()
    eta_seconds = serializers.SerializerMethodField()
    skipped = serializers.SerializerMethodField()
    unreadable = serializers.DictField(help_text=UNREADABLE)
    warnings = serializers.ListField(child=serializers.DictField(), help_text=WARNINGS)
    error = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id", "kind", "state", "phase", "dataset", "title", "version", "upload", "source", "pair", "rows",
            "rows_total", "bytes", "bytes_total", "rows_per_second", "eta_seconds", "cancelling", "skipped",
            "unreadable", "warnings", "error", "created_at", "started_at", "finished_at",
        )  # fmt: skip

    @override
    def to_representation(self, instance: Job) -> dict[str, Any]:
        body = super().to_representation(instance)
        # A draft that was withdrawn is gone for people, although its row waits for the sweep.
        if instance.dataset is not None and instance.dataset.is_draft and instance.dataset.deleted_at is not None:
            body["dataset"] = None
        return body

    def get_title(self, job: Job) -> str:
        return job.dataset.title if job.dataset else job.title

    def get_cancelling(self, job: Job) -> bool:
        return job.state == Job.State.RUNNING and job.cancel_requested_at is not None

    def get_rows_per_second(self, job: Job) -> float | None:
        seconds = seconds_of(job)
        return round(job.rows / seconds, 1) if seconds and job.rows else None

    def get_eta_seconds(self, job: Job) -> float | None:
        if job.state != Job.State.RUNNING or job.started_at is None:
            return None
        done, total = (job.rows, job.rows_total) if job.rows_total else (job.bytes, job.bytes_total)
        seconds = seconds_of(job)
        if not done or not total or not seconds:
            return None
        return round(max(0.0, (total - done) * seconds / done), 1)

    def get_skipped(self, job: Job) -> list[SkippedColumn]:
        skipped: list[SkippedColumn] = job.skipped
        return skipped

    def get_error(self, job: Job) -> JobError | None:
        return error_of(job)


class PreviewDocument(serializers.Serializer[Job]):
    id = serializers.UUIDField()
    state = serializers.SerializerMethodField(help_text="queued, running, ready or failed.")
    result = serializers.SerializerMethodField(help_text="What docs/ingest.md describes; null unless it is ready.")
    error = serializers.SerializerMethodField()

    def get_state(self, job: Job) -> str:
        return "failed" if job.state == Job.State.CANCELLED else job.state

    def get_result(self, job: Job) -> dict[str, Any] | None:
        result: dict[str, Any] | None = job.preview.result
        return result

    def get_error(self, job: Job) -> JobError | None:
        if job.state == Job.State.CANCELLED:
            return {"code": ErrorCode.CANCELLED, "detail": "Another preview took its place.", "field": ""}
        return error_of(job)


def error_of(job: Job) -> JobError | None:
    """Why a job failed; None when it did not."""
    if not job.error_code:
        return None
    return {"code": job.error_code, "detail": job.error_detail, "field": job.error_field}


def seconds_of(job: Job) -> float:
    """Seconds of the current attempt, up to its newest progress."""
    if job.started_at is None:
        return 0.0
    until = job.finished_at or job.progress_at or timezone.now()
    return (until - job.started_at).total_seconds()


class ReadingNote(TypedDict):
    """How a version was read, beside its columns."""

    reading: dict[str, Any]
    unreadable: dict[str, Any]
    warnings: list[dict[str, str]]


def reading_of(version: Version) -> ReadingNote:
    """How a version was read."""
    return {"reading": version.reading, "unreadable": version.unreadable, "warnings": version.warnings}


def columns_of(version: Version) -> Sequence[dict[str, Any]]:
    """The columns of a version that its readers may see, as proto3 JSON of `halftone.v1.Column`."""
    columns: Sequence[dict[str, Any]] = version.columns
    return columns
