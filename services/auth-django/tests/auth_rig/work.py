"""Datasets, files and a worker that speaks the internal API."""

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from analytics.catalogue.datasets import create_dataset
from analytics.formats import KnownFormat
from analytics.models import Dataset, Job, Upload, Version
from django.core.files.uploadedfile import SimpleUploadedFile
from halftone_auth.storage import storage
from rest_framework.test import APIClient
from users.models import User

from auth_rig.people import Answer

SERVICE_TOKEN = "service-0123456789abcdef0123456789abcdef"
CSV = b"x,y\n1,2\n3,4\n"
FORMATS = (
    KnownFormat("CSV", ("csv", "tsv", "csv.gz", "csv.zip")),
    KnownFormat("Excel", ("xlsx",), (b"PK\x03\x04",)),
    KnownFormat("Parquet", ("parquet",), (b"PAR1",)),
)
READING = {"format": "csv", "dialect": {"delimiter": ","}, "columns": [{"source": "x", "name": "x"}], "warnings": []}
COLUMNS = [
    {"name": "x", "type": "COLUMN_TYPE_NUMBER", "dtype": "int64", "nulls": "0", "min": 1, "max": 3, "distinct": "2"},
    {"name": "kind", "type": "COLUMN_TYPE_CATEGORY", "categories": [{"label": "a", "count": "2"}]},
]


def csv_file(name: str = "points.csv", content: bytes = CSV) -> SimpleUploadedFile:
    """A file as a form sends it."""
    return SimpleUploadedFile(name, content)


def upload(
    client: APIClient, name: str = "points.csv", content: bytes = CSV, headers: dict[str, str] | None = None
) -> Answer:
    """Sends a file."""
    return client.post("/api/uploads/", {"file": csv_file(name, content)}, format="multipart", headers=headers)


def make_upload(user: User, content: bytes = CSV) -> Upload:
    """An upload with its bytes in place."""
    made = Upload.objects.create(owner=user, name="points.csv", format="csv", bytes=len(content))
    store(made.uri, content)
    return made


def store(name: str, content: bytes) -> None:
    """A file in the storage."""
    writer = storage().open(name)
    writer.write(content)
    writer.commit()


def make_dataset(user: User, slug: str = "", title: str = "Points") -> Dataset:
    """A dataset without a version."""
    return create_dataset(user, title, slug)


def make_version(dataset: Dataset, number: int = 1, content_hash: str = "") -> Version:
    """A published version, without its files."""
    identity = uuid.uuid4()
    version = Version.objects.create(
        id=identity,
        dataset=dataset,
        number=number,
        rows=2,
        bytes=10,
        columns=COLUMNS,
        manifest=f"datasets/{dataset.pk}/versions/{identity}/1/manifest.json",
        manifest_sha256="0" * 64,
        content_hash=content_hash or str(identity),
    )
    Dataset.objects.filter(pk=dataset.pk).update(newest=version)
    return version


@dataclass
class Worker:
    """An ingest worker at the internal API."""

    name: str = "worker-1"
    client: APIClient = field(default_factory=APIClient)

    def __post_init__(self) -> None:
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {SERVICE_TOKEN}")

    def claim(self, kind: str = "ingest") -> dict[str, Any] | None:
        """A job, or None."""
        response = self.client.post("/api/internal/jobs/claim/", {"worker": self.name, "kinds": [kind]})
        assert response.status_code in (200, 204), response.content
        return dict(response.json()) if response.status_code == 200 else None

    def heartbeat(self, job: dict[str, Any], **changes: object) -> Answer:
        """Progress."""
        body = {"token": job["token"], "phase": "reading", "rows": 1, "rows_total": 2, "bytes": 6, "bytes_total": 12}
        return self.client.post(f"/api/internal/jobs/{job['job_id']}/heartbeat/", {**body, **changes})

    def publish(self, job: dict[str, Any], content_hash: str = "hash", **changes: object) -> Answer:
        """Writes a manifest where the attempt belongs, and publishes it."""
        return self.client.post(
            f"/api/internal/jobs/{job['job_id']}/publish/", {**self.made(job, content_hash), **changes}
        )

    def made(self, job: dict[str, Any], content_hash: str = "hash") -> dict[str, Any]:
        """The body of a publication, with its files in place."""
        folder = f"datasets/{job['dataset_id']}/versions/{job['version_id']}/{job['token']}"
        content = b'{"format": 1}'
        store(f"{folder}/manifest.json", content)
        return {
            "token": job["token"],
            "manifest": f"{folder}/manifest.json",
            "manifest_sha256": hashlib.sha256(content).hexdigest(),
            "rows": 2,
            "bytes": 40,
            "columns": COLUMNS,
            "content_hash": content_hash,
        }

    def finish(self, job: dict[str, Any], result: dict[str, Any]) -> Answer:
        """Hands in the result of a preview."""
        body = {"token": job["token"], "result": result}
        return self.client.post(f"/api/internal/jobs/{job['job_id']}/result/", body)

    def fail(self, job: dict[str, Any], code: str, detail: str = "It went wrong.", field: str = "") -> Answer:
        """Gives the job up."""
        body = {"token": job["token"], "code": code, "detail": detail, "field": field}
        return self.client.post(f"/api/internal/jobs/{job['job_id']}/fail/", body)


def queue_import(client: APIClient, **target: str) -> Job:
    """Uploads a file and queues its import."""
    sent = upload(client)
    assert sent.status_code == 201, sent.content
    answer = client.post(
        "/api/imports/", {"upload": sent.json()["id"], **(target or {"title": "Points"})}, format="json"
    )
    assert answer.status_code == 202, answer.content
    return Job.objects.get(pk=answer.json()["id"])


def expire_lease(job_id: str) -> None:
    """Makes a worker look as if it had been silent for too long."""
    job = Job.objects.get(pk=job_id)
    assert job.lease_expires_at is not None
    Job.objects.filter(pk=job_id).update(lease_expires_at=job.created_at)
