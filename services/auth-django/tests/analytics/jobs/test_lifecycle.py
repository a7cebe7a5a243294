import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from analytics.jobs import lifecycle
from analytics.models import Job
from auth_rig.people import client_of, make_user
from auth_rig.work import Worker, expire_lease, make_dataset, make_upload, queue_import
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def test_jobs_are_given_out_oldest_first_and_once(api: APIClient, worker: Worker) -> None:
    first, second = queue_import(api, title="a"), queue_import(api, title="b")
    claimed = [worker.claim(), worker.claim(), worker.claim()]
    assert [job and job["job_id"] for job in claimed] == [str(first.pk), str(second.pk), None]


def test_other_kinds_are_left_alone(api: APIClient) -> None:
    queue_import(api)
    assert lifecycle.claim("w", ["export"], timezone.now()) is None


def test_a_silent_worker_s_job_is_taken_over(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    first = worker.claim()
    other = Worker("worker-2")
    assert first is not None
    assert first["lease_seconds"] == 20
    assert other.claim() is None
    expire_lease(str(job.pk))
    second = other.claim()
    assert second is not None
    assert (second["job_id"], second["token"]) == (first["job_id"], first["token"] + 1)
    for answer in (worker.heartbeat(first), worker.publish(first), worker.fail(first, "internal")):
        assert (answer.status_code, answer.json()["code"]) == (409, "lease_lost")
    assert other.publish(second).status_code == 200


def test_a_late_heartbeat_keeps_what_nobody_has_taken(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    expire_lease(str(job.pk))
    assert worker.heartbeat(claimed).status_code == 200
    assert Worker("worker-2").claim() is None


def test_the_third_dead_worker_is_the_last(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    for _ in range(3):
        assert worker.claim() is not None
        expire_lease(str(job.pk))
    assert worker.claim() is None
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "parser_crash")
    assert "Three workers" in job.error_detail


def test_a_cancelled_job_of_a_dead_worker_ends(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    worker.claim()
    Job.objects.update(cancel_requested_at=timezone.now())
    expire_lease(str(job.pk))
    assert worker.claim() is None
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_an_unknown_code_of_a_worker_is_internal(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    claimed = worker.claim()
    assert claimed is not None
    worker.fail(claimed, "made_up")
    job.refresh_from_db()
    assert job.error_code == "internal"


def test_deleting_the_dataset_stops_the_worker(api: APIClient, worker: Worker) -> None:
    waiting, running = queue_import(api, title="b"), queue_import(api, dataset="b")
    claimed = worker.claim()
    assert claimed is not None
    assert api.delete("/api/datasets/b/").status_code == 200
    assert worker.heartbeat(claimed).json() == {"cancel": True}
    assert worker.publish(claimed).status_code == 409
    running.refresh_from_db()
    waiting.refresh_from_db()
    assert {waiting.state, running.state} == {"running", "cancelled"}


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_get_different_jobs() -> None:
    user = make_user()
    dataset = make_dataset(user, "points")
    for _ in range(6):
        lifecycle.enqueue(user, dataset, make_upload(user))
    barrier = threading.Barrier(8)

    def work(number: int) -> str | None:
        barrier.wait()
        try:
            job = lifecycle.claim(f"worker-{number}", ["ingest"], timezone.now())
            return str(job.pk) if job else None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(work, range(8)))
    assert claimed.count(None) == 2
    assert len(set(claimed)) == 7


def test_the_lease_is_twenty_seconds(api: APIClient, worker: Worker) -> None:
    job = queue_import(api)
    now = timezone.now()
    taken = lifecycle.claim("w", ["ingest"], now)
    assert taken is not None
    assert taken.lease_expires_at == now + timedelta(seconds=20)
    assert lifecycle.claim("w", ["ingest"], now + timedelta(seconds=19)) is None
    again = lifecycle.claim("w", ["ingest"], now + timedelta(seconds=20))
    assert again is not None
    assert again.pk == job.pk


def test_a_client_of_its_own_can_follow(api: APIClient) -> None:
    job = queue_import(api)
    assert client_of(job.owner).get(f"/api/jobs/{job.pk}/").status_code == 200
