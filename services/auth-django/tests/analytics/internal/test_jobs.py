import uuid
from datetime import datetime, timedelta

import pytest
from analytics.internal import jobs as internal_jobs
from analytics.jobs import lifecycle
from analytics.models import Job
from auth_rig.people import problem_of
from auth_rig.work import CSV, READING, SERVICE_TOKEN, Worker, queue_import, upload
from django.utils import timezone
from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import FileStorage, StorageAddress
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
CLAIM = "/api/internal/jobs/claim/"
BODY = {"worker": "w", "kinds": ["ingest"]}


def test_a_claim_tells_what_to_do(api: APIClient, worker: Worker) -> None:
    assert worker.claim() is None
    job = queue_import(api)
    assert worker.claim() == {
        "job_id": str(job.pk),
        "kind": "ingest",
        "token": 1,
        "lease_seconds": 20,
        "dataset_id": str(job.dataset_id),
        "version_id": str(job.version_id),
        "source": {
            "uri": f"uploads/{job.upload_id}/source",
            "format": "",
            "name": "points.csv",
            "bytes": len(CSV),
        },
        "options": {"reading": {}, "base": None, "pair": None},
    }


def test_a_claim_tells_how_to_read(api: APIClient, worker: Worker) -> None:
    queue_import(api)
    first = worker.claim()
    assert first is not None
    worker.publish(first, reading=READING)
    wish = {"dialect": {"delimiter": ";"}, "columns": {"x": {"leave_out": True}}}
    upload_id = upload(api).json()["id"]
    answer = api.post("/api/imports/", {"upload": upload_id, "dataset": "points", "reading": wish}, format="json")
    assert answer.status_code == 202
    second = worker.claim()
    assert second is not None
    assert second["options"] == {"reading": wish, "base": READING, "pair": None}


def test_a_long_sweep_takes_nothing_from_the_lease(
    api: APIClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[datetime] = []
    monkeypatch.setattr(internal_jobs, "try_sweep", lambda _: swept.append(timezone.now()))
    job = queue_import(api)
    assert worker.claim()
    job.refresh_from_db()
    assert job.lease_expires_at is not None
    assert job.lease_expires_at >= swept[0] + lifecycle.LEASE


def test_storage_that_refuses_to_delete_stops_no_import(
    api: APIClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_import(api)
    done = worker.claim()
    assert done
    worker.publish(done)
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=3))
    queue_import(api, dataset="points")

    def refuse(*_: object) -> None:
        raise HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)

    monkeypatch.setattr(FileStorage, "remove", refuse)
    assert worker.claim()


def test_no_job_is_given_out_while_storage_is_away(
    api: APIClient, worker: Worker, settings: Settings, monkeypatch: pytest.MonkeyPatch, nobody: int
) -> None:
    job = queue_import(api)

    def away(_: datetime) -> None:
        raise HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)

    monkeypatch.setattr(internal_jobs, "try_sweep", away)
    settings.STORAGE = StorageAddress("s3://bucket", f"http://127.0.0.1:{nobody}", access_key="a", secret_key="b")
    answer = worker.client.post(CLAIM, BODY)
    storage().close()
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_a_worker_that_has_stopped_waiting_gets_no_job(
    api: APIClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue_import(api)
    with monkeypatch.context() as patched:
        patched.setattr(internal_jobs, "PATIENCE_S", 0.0)
        answer = worker.client.post(CLAIM, BODY)
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    job.refresh_from_db()
    assert (job.state, job.token) == (Job.State.QUEUED, 0)
    assert worker.claim()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ("param_invalid", "worker")),
        ({"worker": "w"}, ("param_invalid", "kinds")),
        ({"worker": "w", "kinds": []}, ("param_out_of_range", "kinds")),
        ({"worker": "w", "kinds": "ingest"}, ("param_invalid", "kinds")),
        ({**BODY, "x": 1}, ("unknown_field", "x")),
    ],
)
def test_odd_claims_are_named(worker: Worker, body: dict[str, object], problem: tuple[str, str]) -> None:
    assert problem_of(worker.client.post(CLAIM, body)) == (400, *problem)


@pytest.mark.parametrize("call", ["heartbeat", "publish", "fail"])
def test_an_unknown_job_is_not_found(worker: Worker, call: str) -> None:
    bodies = {
        "heartbeat": {"token": 1, "phase": "", "rows": 0, "rows_total": None, "bytes": 0, "bytes_total": 0},
        "publish": {
            "token": 1,
            "manifest": "m",
            "manifest_sha256": "0" * 64,
            "rows": 0,
            "bytes": 0,
            "columns": [{}],
            "content_hash": "h",
        },
        "fail": {"token": 1, "code": "internal", "detail": ""},
    }
    for job_id in (uuid.uuid4(), "x"):
        answer = worker.client.post(f"/api/internal/jobs/{job_id}/{call}/", bodies[call])
        assert problem_of(answer)[:2] == (404, "not_found")


@pytest.mark.parametrize(
    "header", [f"Bearer {SERVICE_TOKEN}x", "Bearer ", "Bearer", SERVICE_TOKEN, f"Basic {SERVICE_TOKEN}", "Bearer é"]
)
def test_another_token_is_refused(anonymous: APIClient, header: str) -> None:
    answer = anonymous.post(CLAIM, BODY, headers={"Authorization": header})
    assert problem_of(answer)[:2] == (401, "token_invalid")


def test_without_a_configured_token_nobody_is_a_service(worker: Worker, settings: Settings) -> None:
    settings.SERVICE_TOKEN = ""
    assert worker.client.post(CLAIM, BODY).status_code == 401
    assert APIClient().post(CLAIM, BODY, headers={"Authorization": "Bearer "}).status_code == 401


def test_the_service_token_opens_nothing_else(worker: Worker) -> None:
    assert problem_of(worker.client.get("/api/datasets/"))[:2] == (401, "token_invalid")


def test_a_heartbeat_that_is_odd_is_named(api: APIClient, worker: Worker) -> None:
    queue_import(api)
    job = worker.claim()
    assert job is not None
    assert problem_of(worker.heartbeat(job, rows=-1)) == (400, "param_out_of_range", "rows")
    assert problem_of(worker.heartbeat(job, rows="1")) == (400, "param_invalid", "rows")
    assert problem_of(worker.heartbeat(job, phase=None)) == (400, "param_invalid", "phase")
    assert worker.heartbeat(job).status_code == 200
