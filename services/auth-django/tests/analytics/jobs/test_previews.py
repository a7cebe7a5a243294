from datetime import timedelta

import pytest
from analytics.catalogue import datasets
from analytics.jobs import lifecycle, previews
from analytics.models import Job, Preview, Upload
from analytics.upkeep.sweep import sweep
from auth_rig.work import Worker, expire_lease, make_upload
from django.utils import timezone
from halftone_servicekit.errors import HalftoneError
from users.models import User

pytestmark = pytest.mark.django_db


def test_results_of_one_upload_are_bounded(owner: User, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "KEPT", 3)
    upload = make_upload(owner)
    for number in range(6):
        previews.ask(owner, upload, None, {"dialect": {"above": number}}, timezone.now())
        job = worker.claim("preview")
        assert job is not None
        assert worker.finish(job, {"rows": []}).status_code == 200
    assert (Job.objects.count(), Preview.objects.count()) == (3, 3)


def test_three_workers_may_try(owner: User, worker: Worker) -> None:
    asked = previews.ask(owner, make_upload(owner), None, {}, timezone.now())
    for _ in range(3):
        assert worker.claim("preview") is not None
        expire_lease(str(asked.pk))
    assert worker.claim("preview") is None
    asked.refresh_from_db()
    assert (asked.state, asked.error_code) == ("failed", "parser_crash")


def test_they_go_with_the_bytes_of_the_upload(owner: User, worker: Worker) -> None:
    upload = make_upload(owner)
    previews.ask(owner, upload, None, {}, timezone.now())
    job = worker.claim("preview")
    assert job is not None
    sweep(timezone.now() + timedelta(hours=25))
    assert Job.objects.exists()
    worker.finish(job, {"rows": []})
    assert sweep(timezone.now() + timedelta(hours=25))["uploads_removed"] == 1
    assert not Job.objects.exists()
    assert worker.heartbeat(job).status_code == 404
    with pytest.raises(HalftoneError, match="not_found"):
        previews.ask(owner, Upload.objects.get(), None, {}, timezone.now())


def test_a_deleted_dataset_takes_the_previews_of_its_uploads_along(owner: User, worker: Worker) -> None:
    upload = make_upload(owner)
    previews.ask(owner, upload, None, {}, timezone.now())
    dataset = lifecycle.enqueue(owner, datasets.create_dataset(owner, "Points"), upload).dataset
    assert dataset is not None
    for kind in ("ingest", "preview"):
        job = worker.claim(kind)
        assert job is not None
        worker.fail(job, "internal")
    datasets.delete_dataset(dataset)
    sweep(timezone.now() + timedelta(minutes=11))
    assert (Job.objects.count(), Upload.objects.count()) == (0, 0)
