import pytest
from analytics.models import Event, Job, Version
from auth_rig.people import problem_of
from auth_rig.work import COLUMNS, Worker, queue_import
from halftone_auth.storage import storage
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def claimed(api: APIClient, worker: Worker, **target: str) -> dict[str, object]:
    queue_import(api, **target)
    job = worker.claim()
    assert job is not None
    return job


def test_a_version_exists_from_its_publication_on(api: APIClient, worker: Worker) -> None:
    job = claimed(api, worker)
    worker.heartbeat(job)
    assert api.get("/api/datasets/points/").json()["version"] is None
    assert not Version.objects.exists()
    answer = worker.publish(job)
    assert answer.json() == {"version_id": job["version_id"], "number": 1}
    version = Version.objects.get()
    assert (version.rows, version.bytes, version.columns) == (2, 40, COLUMNS)
    assert api.get("/api/datasets/points/").json()["version"]["number"] == 1
    told = Event.objects.get(kind="version_published")
    assert (told.version_id, told.dataset_id) == (version.pk, version.dataset_id)


def test_the_same_publication_twice_is_one_version(api: APIClient, worker: Worker) -> None:
    job = claimed(api, worker)
    first, again = worker.publish(job), worker.publish(job)
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, first.json())
    assert Version.objects.count() == 1
    assert Event.objects.filter(kind="version_published").count() == 1


def test_equal_content_is_the_same_version(api: APIClient, worker: Worker) -> None:
    first = worker.publish(claimed(api, worker), "hash-a").json()
    again = worker.publish(claimed(api, worker, dataset="points"), "hash-a").json()
    assert again == first
    third = worker.publish(claimed(api, worker, dataset="points"), "hash-b").json()
    assert third["number"] == 2
    assert Version.objects.count() == 2
    assert set(Job.objects.values_list("state", flat=True)) == {"published"}


def test_content_that_comes_back_later_is_a_new_version(api: APIClient, worker: Worker) -> None:
    worker.publish(claimed(api, worker), "hash-a")
    for number, content in ((2, "hash-b"), (3, "hash-a")):
        assert worker.publish(claimed(api, worker, dataset="points"), content).json()["number"] == number


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"manifest": "../../etc/passwd"}, 400, "param_invalid"),
        ({"manifest": "datasets/x/versions/y/1/manifest.json"}, 400, "param_invalid"),
        ({"manifest_sha256": "0" * 64}, 422, "checksum_mismatch"),
        ({"manifest_sha256": "short"}, 400, "param_invalid"),
        ({"columns": []}, 400, "param_out_of_range"),
        ({"rows": -1}, 400, "param_out_of_range"),
        ({"rows": True}, 400, "param_invalid"),
        ({"rows": 2**63}, 400, "param_out_of_range"),
        ({"extra": 1}, 400, "unknown_field"),
        ({"token": 99}, 409, "lease_lost"),
    ],
)
def test_a_publication_is_checked(
    api: APIClient, worker: Worker, changes: dict[str, object], status: int, code: str
) -> None:
    job = claimed(api, worker)
    assert problem_of(worker.publish(job, "hash", **changes))[:2] == (status, code)
    assert not Version.objects.exists()
    assert worker.publish(job).status_code == 200


def test_a_manifest_that_is_not_there_is_no_version(api: APIClient, worker: Worker, home: object) -> None:
    job = claimed(api, worker)
    body = worker.made(job)
    storage().remove("datasets")
    answer = worker.client.post(f"/api/internal/jobs/{job['job_id']}/publish/", body)
    assert problem_of(answer) == (422, "checksum_mismatch", "manifest")


def test_a_wide_table_fits(api: APIClient, worker: Worker) -> None:
    labels = [{"label": f"label \u0000 {number}", "count": "1"} for number in range(256)]
    columns = [{"name": f"c{number}", "type": "COLUMN_TYPE_CATEGORY", "categories": labels} for number in range(500)]
    job = claimed(api, worker)
    assert worker.publish(job, columns=columns).status_code == 200
    assert len(api.get("/api/datasets/points/columns/").json()["columns"]) == 500
    too_many = claimed(api, worker, dataset="points")
    answer = worker.publish(too_many, "other", columns=columns * 4 + columns[:1])
    assert problem_of(answer)[:2] == (400, "param_out_of_range")
