import uuid
from datetime import timedelta

import pytest
from analytics.models import Job
from auth_rig.people import problem_of
from auth_rig.work import Worker, expire_lease, queue_import
from django.db.models import F
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db


def shown(api: APIClient, job: Job) -> dict[str, object]:
    return dict(api.get(f"/api/jobs/{job.pk}/").json())


def worked_for(time: timedelta) -> None:
    """Up to the newest word, however long the test has taken to say it."""
    Job.objects.update(started_at=F("progress_at") - time)


def test_a_job_tells_how_far_it_is(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    worker.heartbeat(claimed, rows=1000, rows_total=4000, bytes=5, bytes_total=50, phase="reading")
    worked_for(timedelta(seconds=10))
    found = shown(api, job)
    assert (found["state"], found["phase"], found["rows"], found["rows_total"]) == ("running", "reading", 1000, 4000)
    assert found["rows_per_second"] == pytest.approx(100)
    assert found["eta_seconds"] == pytest.approx(30)
    worker.heartbeat(claimed, rows=1000, rows_total=None, bytes=25, bytes_total=50)
    worked_for(timedelta(seconds=10))
    assert shown(api, job)["eta_seconds"] == pytest.approx(10)


def test_a_published_job_names_its_version(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    made = worker.publish(claimed).json()
    found = shown(api, job)
    assert (found["state"], found["version"], found["error"]) == ("published", made["version_id"], None)


def test_a_published_job_names_what_was_left_out(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    assert shown(api, job)["skipped"] == []
    skipped = [{"name": " tags", "dtype": "list<item: string>", "reason": "unsupported_type"}]
    assert worker.publish(claimed, skipped=skipped).status_code == 200
    assert shown(api, job)["skipped"] == skipped


def test_what_was_left_out_is_told_in_full(api: APIClient, worker: Worker) -> None:
    queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    answer = worker.publish(claimed, skipped=[{"name": "tags", "dtype": "list"}])
    assert problem_of(answer)[:2] == (400, "param_invalid")


def test_a_failed_job_says_why(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    worker.fail(claimed, "ragged_row", "Row 7 has 3 cells, the header 2.", "row 7")
    found = shown(api, job)
    assert found["state"] == "failed"
    assert found["error"] == {"code": "ragged_row", "detail": "Row 7 has 3 cells, the header 2.", "field": "row 7"}


def test_the_list_holds_one_s_own(api: APIClient, foreign: APIClient) -> None:
    first, second = queue_import(api, title="a"), queue_import(api, title="b")
    assert [job["id"] for job in api.get("/api/jobs/").json()["results"]] == [str(second.pk), str(first.pk)]
    assert foreign.get("/api/jobs/").json()["results"] == []
    assert api.get("/api/jobs/?state=running").json()["results"] == []
    assert problem_of(api.get("/api/jobs/?state=odd")) == (400, "param_invalid", "state")


def test_a_stranger_s_job_looks_like_a_random_one(api: APIClient, foreign: APIClient) -> None:
    job = queue_import(api)
    same = {"X-Request-Id": "the-same-request"}
    for suffix, call in (("", foreign.get), ("cancel/", foreign.post)):
        theirs = call(f"/api/jobs/{job.pk}/{suffix}", headers=same)
        random = call(f"/api/jobs/{uuid.uuid4()}/{suffix}", headers=same)
        odd = call(f"/api/jobs/1 OR 1=1/{suffix}", headers=same)
        assert theirs.status_code == 404
        assert theirs.content == random.content == odd.content
    assert shown(api, job)["state"] == "queued"


def test_a_waiting_job_is_cancelled_at_once(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    response = api.post(f"/api/jobs/{job.pk}/cancel/")
    assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    assert worker.claim() is None
    assert api.post(f"/api/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"


def test_a_running_job_is_cancelled_by_its_worker(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    assert worker.heartbeat(claimed).json() == {"cancel": False}
    response = api.post(f"/api/jobs/{job.pk}/cancel/")
    assert (response.json()["state"], response.json()["cancelling"]) == ("running", True)
    assert worker.heartbeat(claimed).json() == {"cancel": True}
    assert worker.fail(claimed, "cancelled", "").status_code == 200
    assert (shown(api, job)["state"], shown(api, job)["error"]) == ("cancelled", None)


def test_a_cancel_wins_over_a_publication(api: APIClient, worker: Worker, owner: User) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    api.post(f"/api/jobs/{job.pk}/cancel/")
    assert worker.publish(claimed).json()["code"] == "lease_lost"
    assert api.get("/api/datasets/points/").json()["version"] is None


def test_a_dead_worker_s_job_is_cancelled_at_once(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    worker.claim()
    expire_lease(str(job.pk))
    assert api.post(f"/api/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"


def test_a_finished_job_cannot_be_cancelled(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    worker.publish(claimed)
    assert problem_of(api.post(f"/api/jobs/{job.pk}/cancel/"))[:2] == (409, "conflict")
