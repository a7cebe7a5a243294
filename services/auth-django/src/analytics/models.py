"""Models of the catalogue (datasets, versions, permissions) and of imports (formats, uploads, jobs)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from halftone_servicekit.sources import SCHEME
from typing_extensions import override

from analytics.exact_json import ExactJSONField

SLUG = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
slug_validator = RegexValidator(
    rf"\A{SLUG}\Z", "A slug is 1 to 63 lower-case letters, digits and inner hyphens.", code="invalid"
)


class Role(models.IntegerChoices):
    """A user's role in a dataset; each includes the ones before it."""

    VIEWER = 1, "viewer"
    EDITOR = 2, "editor"
    OWNER = 3, "owner"


class Dataset(models.Model):
    """A named table. `revision` increases with every change and is the ETag.

    `is_draft`: made by an import that has published nothing yet; it goes when no import of it is left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(max_length=63, validators=[slug_validator])
    title = models.CharField(max_length=128)
    description = models.CharField(max_length=4000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="datasets")
    newest = models.ForeignKey(
        "Version", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    is_draft = models.BooleanField(default=False, db_default=False, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            # Deletion frees the slug; a restore needs it to be still free.
            models.UniqueConstraint("slug", condition=Q(deleted_at=None), name="one_live_dataset_per_slug")
        ]

    @override
    def __str__(self) -> str:
        return self.slug


class Version(models.Model):
    """One immutable, published snapshot. The manifest's path is relative to the storage root."""

    id = models.UUIDField(primary_key=True, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    columns = ExactJSONField()
    manifest = models.CharField(max_length=255)
    manifest_sha256 = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=128)
    pair = ExactJSONField(
        default=dict, db_default={}, blank=True, help_text="The columns x and y that rows are ordered by, when known."
    )
    reading = ExactJSONField(default=dict, db_default={}, help_text="How the file was read; empty for old versions.")
    unreadable = ExactJSONField(
        default=dict, db_default={}, help_text="By column, the cells that did not fit its type."
    )
    warnings = ExactJSONField(default=list, db_default=[], help_text="What the reader had to say about the file.")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dataset", "number"], name="one_version_per_number"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"


class Permission(models.Model):
    """The role of one user or one group in one dataset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="permissions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="dataset_permissions"
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="dataset_permissions"
    )
    role = models.PositiveSmallIntegerField(choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user=None, group__isnull=False) | Q(user__isnull=False, group=None),
                name="permission_of_a_user_or_a_group",
            ),
            models.UniqueConstraint(fields=["dataset", "user"], name="one_role_per_user"),
            models.UniqueConstraint(fields=["dataset", "group"], name="one_role_per_group"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.user or self.group}: {self.get_role_display()} of {self.dataset}"


class Format(models.Model):
    """A file format that import workers read, as they announced it. A text format has no magics."""

    title = models.CharField(max_length=64, unique=True)
    endings = models.JSONField(help_text="Endings of file names, without the first dot.")
    magics = models.JSONField(default=list, help_text="First bytes that a file may have, in hexadecimal digits.")

    class Meta:
        ordering: ClassVar = ["title"]

    @override
    def __str__(self) -> str:
        return self.title


class Upload(models.Model):
    """An uploaded file, or a set of files of one shape. `name` is the client's file name and never part of a path, but
    for the files of a set: each is an upload that names its set as `whole`, and they lie in one folder.

    `format` is the ending of a known format, empty for a file that came before any was known. Of a resumable upload
    `received` bytes are safe in the storage until the file is whole; `multipart` is what the storage needs to go on.
    One request at a time writes: it holds the lease `writer` until `writer_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=32, blank=True)
    bytes = models.BigIntegerField(help_text="Of the whole file.")
    received = models.BigIntegerField(null=True, blank=True, help_text="Safe bytes so far; empty once all are.")
    multipart = models.CharField(max_length=1024, blank=True, db_default="", editable=False)
    writer = models.UUIDField(null=True, blank=True, editable=False)
    writer_until = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="When an unfinished upload is removed.")
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    whole = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.CASCADE, related_name="parts",
        help_text="Of a file of a set: the upload of the set.",
    )  # fmt: skip
    place = models.CharField(
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text="Of a file or folder that stays in a source: where.",
    )

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        permissions: ClassVar = [("use_sources", "May import from the sources that the operator has opened")]

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def uri(self) -> str:
        """Path of its bytes, relative to the storage root; for what stays in a source, the place there."""
        if self.place:
            return SCHEME + self.place
        if self.whole_id:
            return f"uploads/{self.whole_id}/source/{self.name}"
        return f"uploads/{self.pk}/source"


class Job(models.Model):
    """Work on an upload, its import or a preview of it, or on the rows of a version, which it orders anew.

    The row is authoritative: a worker holds its lease by `token` until `lease_expires_at`. An import and an index end
    as `published` at best, a preview, which has no dataset, as `ready`. An index has no upload.
    """

    class Kind(models.TextChoices):
        INGEST = "ingest", "import"
        PREVIEW = "preview", "preview"
        INDEX = "index", "index"

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        PUBLISHED = "published", "published"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.INGEST)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    # The job of a draft that went stays, without a dataset but with its title.
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    title = models.CharField(max_length=128, blank=True, db_default="")
    upload = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.RESTRICT, related_name="jobs")
    # The id of a new version; `published` may be an older version of equal content.
    version_id = models.UUIDField(default=uuid.uuid4)
    published = models.ForeignKey(Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    reading = ExactJSONField(default=dict, db_default={}, blank=True, help_text="What a person changed of the reading.")
    base = models.ForeignKey(
        Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The version whose reading a preview starts from, or whose rows an index orders.",
    )  # fmt: skip
    pair = ExactJSONField(
        default=dict, db_default={}, blank=True, help_text="The columns x and y that a person wants rows ordered by."
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    token = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=128, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    phase = models.CharField(max_length=32, blank=True)
    rows = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(null=True, blank=True)
    bytes = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    skipped = models.JSONField(
        default=list, db_default=[], blank=True, help_text="Source columns that were left out, and why."
    )
    unreadable = ExactJSONField(
        default=dict, db_default={}, blank=True, help_text="By column, the cells that did not fit its type."
    )
    warnings = ExactJSONField(
        default=list, db_default=[], blank=True, help_text="What the reader had to say about the file."
    )
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.CharField(max_length=1000, blank=True)
    error_field = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    progress_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    tidied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="job_queue")]

    @override
    def __str__(self) -> str:
        return f"{self.kind} of {self.dataset or self.title or self.upload}"


class Preview(models.Model):
    """What a job of the kind `preview` found. Equal requests for one upload have the same `digest` and share it."""

    job = models.OneToOneField(Job, primary_key=True, on_delete=models.CASCADE, related_name="preview")
    digest = models.CharField(max_length=64, db_index=True)
    result = ExactJSONField(null=True)

    @override
    def __str__(self) -> str:
        return f"preview {self.pk}"


class Outbox(models.Model):
    """A message to send after the transaction that wrote it; the sweep retries failures."""

    id = models.BigAutoField(primary_key=True)
    task = models.CharField(max_length=64)
    queue = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name_plural = "outbox"

    @override
    def __str__(self) -> str:
        return f"{self.task} {self.pk}"


class Event(models.Model):
    """An event for running services, which poll by id; ids only increase."""

    class Kind(models.TextChoices):
        SESSION_REVOKED = "session_revoked"
        USER_REVOKED = "user_revoked"
        PERMISSION_CHANGED = "permission_changed"
        VERSION_PUBLISHED = "version_published"
        DATASET_DELETED = "dataset_deleted"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    session_id = models.UUIDField(null=True, blank=True)
    user_id = models.UUIDField(null=True, blank=True)
    dataset_id = models.UUIDField(null=True, blank=True)
    version_id = models.UUIDField(null=True, blank=True)
    token_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Tokens of this user with a smaller version are revoked."
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["id"]

    @override
    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class IdempotencyKey(models.Model):
    """The first response to a create request, repeated for requests with the same key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

    @override
    def __str__(self) -> str:
        return self.key
