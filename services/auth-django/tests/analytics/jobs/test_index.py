from datetime import timedelta
from typing import Any

import pytest
from analytics.jobs import index
from analytics.models import Dataset, Event, Job, Version
from analytics.upkeep.sweep import sweep
from auth_rig.people import problem_of
from auth_rig.work import Worker, expire_lease, make_dataset, make_version, queue_import
from django.utils import timezone
from halftone_auth.storage import storage
from halftone_servicekit.errors import HalftoneError
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db

COLUMNS = [{"name": name, "type": "COLUMN_TYPE_NUMBER", "min": 1, "max": 3} for name in ("x", "y", "v")]
PAIR = {"x": "v", "y": "x"}


@pytest.fixture
def version(owner: User) -> Version:
    made = make_version(make_dataset(owner, "points"))
    Version.objects.update(rows=100_000, columns=COLUMNS, content_hash="hash", pair={"x": "x", "y": "y"})
    return made


def queued(user: User, dataset: Dataset) -> Job:
    return index.enqueue(user, dataset, PAIR["x"], PAIR["y"])


def claimed(worker: Worker) -> dict[str, Any]:
    job = worker.claim("index")
    assert job is not None
    return job


def test_a_worker_gets_the_version_and_publishes_the_next(owner: User, worker: Worker, version: Version) -> None:
    queued(owner, version.dataset)
    assert worker.claim("ingest") is None
    job = claimed(worker)
    assert job["source"] == {"uri": version.manifest, "format": "", "name": "", "bytes": 10}
    assert job["options"]["pair"] == {**PAIR, "firm": True}
    assert worker.heartbeat(job, phase="moving rows").json() == {"cancel": False}
    assert worker.publish(job, "hash:pair", pair=PAIR).json() == {"version_id": job["version_id"], "number": 2}
    made = Version.objects.get(number=2)
    assert (made.pair, made.dataset.newest_id) == (PAIR, made.pk)
    assert Event.objects.get(kind="version_published").version_id == made.pk
    # Files of attempts that did not count go, those of both versions stay.
    sweep(timezone.now() + timedelta(hours=1))
    assert storage().read(made.manifest)
    assert Job.objects.get().tidied_at is not None


def test_a_newer_version_wins(owner: User, worker: Worker, version: Version) -> None:
    queued(owner, version.dataset)
    job = claimed(worker)
    make_version(version.dataset, 2)
    assert problem_of(worker.publish(job, "hash:pair", pair=PAIR))[:2] == (409, "conflict")
    assert Version.objects.count() == 2


def test_it_is_tried_three_times_and_ends_with_its_dataset(
    api: APIClient, owner: User, worker: Worker, version: Version
) -> None:
    asked = queued(owner, version.dataset)
    for _ in range(3):
        claimed(worker)
        expire_lease(str(asked.pk))
    assert worker.claim("index") is None
    asked.refresh_from_db()
    assert asked.state == "failed"
    queued(owner, version.dataset)
    job = claimed(worker)
    api.delete("/api/datasets/points/")
    assert worker.heartbeat(job).json() == {"cancel": True}
    with pytest.raises(HalftoneError, match="unknown_dataset"):
        queued(owner, version.dataset)


def test_an_import_takes_over_the_pair_of_the_version_before(
    api: APIClient, owner: User, worker: Worker, version: Version
) -> None:
    queue_import(api, dataset="points")
    job = worker.claim()
    assert job is not None
    assert job["options"]["pair"] == {"x": "x", "y": "y", "firm": False}
    queue_import(api, title="New")
    other = worker.claim()
    assert other is not None
    assert other["options"]["pair"] is None
