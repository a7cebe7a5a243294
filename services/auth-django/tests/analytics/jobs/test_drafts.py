"""An import that ends without a version leaves no empty dataset behind, however it ends."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from analytics.models import Dataset, Job, Upload
from analytics.upkeep.sweep import sweep
from auth_rig.work import Worker, expire_lease, make_dataset, make_upload, queue_import
from django.utils import timezone
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db

TARGET = {"title": "My points", "slug": "mine"}


def ends_in_failure(api: APIClient, worker: Worker, job: Job) -> None:
    worker.fail(claimed(worker), "ragged_row", "Line 3 is short.")


def ends_cancelled_while_queued(api: APIClient, worker: Worker, job: Job) -> None:
    assert api.post(f"/api/jobs/{job.pk}/cancel/").status_code == 200


def ends_cancelled_while_running(api: APIClient, worker: Worker, job: Job) -> None:
    running = claimed(worker)
    assert api.post(f"/api/jobs/{job.pk}/cancel/").json()["cancelling"]
    assert api.get("/api/datasets/mine/").status_code == 200
    worker.fail(running, "cancelled")


def ends_cancelled_after_its_worker_died(api: APIClient, worker: Worker, job: Job) -> None:
    claimed(worker)
    api.post(f"/api/jobs/{job.pk}/cancel/")
    expire_lease(str(job.pk))
    assert worker.claim() is None


def ends_after_three_lost_workers(api: APIClient, worker: Worker, job: Job) -> None:
    for _ in range(3):
        claimed(worker)
        expire_lease(str(job.pk))
    assert worker.claim() is None


def ends_without_its_upload(api: APIClient, worker: Worker, job: Job) -> None:
    worker.fail(claimed(worker), "not_found", "The uploaded file is gone.")


def claimed(worker: Worker) -> dict[str, Any]:
    job = worker.claim()
    assert job is not None
    return job


@pytest.mark.parametrize(
    "end",
    [
        ends_in_failure,
        ends_cancelled_while_queued,
        ends_cancelled_while_running,
        ends_cancelled_after_its_worker_died,
        ends_after_three_lost_workers,
        ends_without_its_upload,
    ],
)
def test_a_dataset_goes_with_the_import_that_made_it(
    api: APIClient, worker: Worker, home: Path, end: Callable[[APIClient, Worker, Job], None]
) -> None:
    job = queue_import(api, **TARGET)
    assert [each["slug"] for each in api.get("/api/datasets/").json()["results"]] == ["mine"]
    end(api, worker, job)
    assert api.get("/api/datasets/").json()["results"] == []
    assert api.get("/api/datasets/mine/").status_code == 404
    assert api.post("/api/datasets/mine/restore/").status_code == 404
    told = api.get(f"/api/jobs/{job.pk}/").json()
    assert (told["state"] in ("failed", "cancelled"), told["dataset"], told["title"]) == (True, None, "My points")
    again = api.post("/api/imports/", {"upload": told["upload"], **TARGET})
    assert (again.status_code, again.json()["dataset"]) == (202, "mine")
    assert worker.publish(claimed(worker)).status_code == 200
    sweep(timezone.now() + timedelta(minutes=11))
    assert [dataset.slug for dataset in Dataset.objects.all()] == ["mine"]
    assert api.get(f"/api/jobs/{job.pk}/").json() == told


def test_its_files_go_and_its_upload_stays(api: APIClient, worker: Worker, home: Path) -> None:
    queue_import(api, **TARGET)
    job = claimed(worker)
    worker.made(job)
    worker.fail(job, "internal")
    sweep(timezone.now() + timedelta(minutes=11))
    assert not (home / "storage" / "datasets" / job["dataset_id"]).exists()
    assert not Dataset.objects.exists()
    assert (home / "storage" / Upload.objects.get().uri).exists()


def test_a_dataset_that_a_person_made_stays_empty(api: APIClient, owner: User, worker: Worker) -> None:
    make_dataset(owner, "mine")
    queue_import(api, dataset="mine")
    worker.fail(claimed(worker), "internal")
    assert api.get("/api/datasets/mine/").status_code == 200


def test_a_version_makes_it_stay(api: APIClient, worker: Worker) -> None:
    queue_import(api, **TARGET)
    worker.publish(claimed(worker))
    queue_import(api, dataset="mine")
    worker.fail(claimed(worker), "internal")
    assert api.get("/api/datasets/mine/").json()["version"]["number"] == 1
    api.delete("/api/datasets/mine/")
    assert api.post("/api/datasets/mine/restore/").status_code == 200


def test_it_waits_for_the_last_import_into_it(api: APIClient, worker: Worker) -> None:
    queue_import(api, **TARGET)
    queue_import(api, dataset="mine")
    worker.fail(claimed(worker), "internal")
    assert api.get("/api/datasets/mine/").status_code == 200
    worker.fail(claimed(worker), "internal")
    assert api.get("/api/datasets/mine/").status_code == 404


def test_an_import_that_is_refused_makes_none(api: APIClient, owner: User) -> None:
    upload = make_upload(owner)
    Upload.objects.update(removed_at=timezone.now())
    assert api.post("/api/imports/", {"upload": str(upload.pk), **TARGET}).status_code == 404
    assert not Dataset.objects.exists()
