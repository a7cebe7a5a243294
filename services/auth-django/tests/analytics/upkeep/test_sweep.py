import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from analytics.models import Dataset, Event, Job, Outbox, Upload, Version
from analytics.upkeep.sweep import sweep
from analytics.uploads.resumable import create, receive
from auth_rig.work import Worker, make_dataset, make_upload, make_version, queue_import, store
from django.core.management import call_command
from django.utils import timezone
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import FileStorage, Storage
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db


def files(home: Path) -> set[str]:
    root = home / "storage"
    return {str(path.relative_to(root)) for path in root.glob("**/*") if path.is_file()}


def published(api: APIClient, worker: Worker, **target: str) -> dict[str, object]:
    queue_import(api, **target)
    job = worker.claim()
    assert job is not None
    assert worker.publish(job, str(job["job_id"])).status_code == 200
    return job


def test_a_deleted_dataset_s_files_go_after_ten_minutes(api: APIClient, worker: Worker, home: Path) -> None:
    published(api, worker)
    kept = published(api, worker, title="Kept")
    api.delete("/api/datasets/points/")
    now = timezone.now()
    assert sweep(now + timedelta(minutes=9))["datasets_removed"] == 0
    assert Dataset.objects.count() == 2
    assert sweep(now + timedelta(minutes=11))["datasets_removed"] == 1
    assert [dataset.slug for dataset in Dataset.objects.all()] == ["kept"]
    assert all(str(kept["dataset_id"]) in name for name in files(home))
    assert Version.objects.count() == 1
    assert Upload.objects.count() == 1


def test_it_really_happens_when_a_worker_asks_for_work(api: APIClient, worker: Worker, home: Path) -> None:
    published(api, worker)
    api.delete("/api/datasets/points/")
    Dataset.objects.update(deleted_at=timezone.now() - timedelta(minutes=11))
    assert worker.claim() is None
    assert not Dataset.objects.exists()
    assert files(home) == set()


def test_a_source_that_goes_into_another_dataset_stays(api: APIClient, worker: Worker, home: Path) -> None:
    upload = queue_import(api).upload
    assert upload is not None
    job = worker.claim()
    assert job is not None
    worker.fail(job, "ragged_row")
    again = api.post("/api/imports/", {"upload": str(upload.pk), "title": "Again"}, format="json")
    assert again.status_code == 202, again.content
    api.delete("/api/datasets/points/")
    assert sweep(timezone.now() + timedelta(minutes=11))["datasets_removed"] == 1
    assert files(home) == {upload.uri}


def test_a_running_job_is_waited_for(api: APIClient, worker: Worker, home: Path) -> None:
    queue_import(api)
    job = worker.claim()
    assert job is not None
    api.delete("/api/datasets/points/")
    later = timezone.now() + timedelta(minutes=11)
    assert sweep(later)["datasets_removed"] == 0
    worker.fail(job, "cancelled")
    assert sweep(later)["datasets_removed"] == 1
    assert files(home) == set()


def test_a_source_goes_once_its_version_is_published(api: APIClient, worker: Worker, home: Path) -> None:
    job = published(api, worker)
    assert len(files(home)) == 2
    sweep(timezone.now() + timedelta(minutes=3))
    assert files(home) == {f"datasets/{job['dataset_id']}/versions/{job['version_id']}/1/manifest.json"}
    assert Upload.objects.get().removed_at is not None


def test_half_written_attempts_go(api: APIClient, worker: Worker, home: Path) -> None:
    job = published(api, worker)
    folder = home / "storage" / f"datasets/{job['dataset_id']}/versions/{job['version_id']}"
    (folder / "2.partial").mkdir()
    (folder / "2.partial" / "x").write_bytes(b"1")
    sweep(timezone.now() + timedelta(minutes=3))
    assert [path.name for path in folder.iterdir()] == ["1"]


def test_a_failed_job_keeps_its_source_for_another_try(api: APIClient, worker: Worker, home: Path) -> None:
    queue_import(api)
    job = worker.claim()
    assert job is not None
    worker.made(job)
    worker.fail(job, "ragged_row")
    sweep(timezone.now() + timedelta(minutes=3))
    assert {name.partition("/")[0] for name in files(home)} == {"uploads"}
    sweep(timezone.now() + timedelta(hours=25))
    assert files(home) == set()
    body = {"upload": str(Upload.objects.get().pk), "dataset": "points"}
    assert api.post("/api/imports/", body).status_code == 404


def test_equal_content_leaves_no_second_copy(api: APIClient, worker: Worker, home: Path) -> None:
    for target in ({"title": "Points"}, {"dataset": "points"}):
        queue_import(api, **target)
        job = worker.claim()
        assert job is not None
        worker.publish(job, "the same")
    sweep(timezone.now() + timedelta(minutes=3))
    version = Version.objects.get()
    assert files(home) == {version.manifest}


def test_what_a_crashed_upload_left_goes_after_a_day(owner: User, home: Path) -> None:
    folder = home / "storage" / "uploads" / "a-crash"
    folder.mkdir(parents=True)
    (folder / "source.partial").write_bytes(b"1")
    sweep(timezone.now())
    assert folder.exists()
    os.utime(folder, (time.time() - 90_000,) * 2)
    assert sweep(timezone.now())["uploads_removed"] == 0
    os.utime(folder / "source.partial", (time.time() - 90_000,) * 2)
    assert sweep(timezone.now())["uploads_removed"] == 1
    assert not folder.exists()


def test_an_unfinished_upload_goes_a_week_after_its_last_byte(owner: User, home: Path) -> None:
    upload = create(owner, "a.csv", 8)
    parts = [b"1,2\n", b""]
    receive(upload, 0, lambda _: parts.pop(0))
    now = timezone.now()
    done = sweep(now + timedelta(days=6, hours=23))
    assert (done["uploads_expired"], done["uploads_removed"]) == (0, 0)
    assert files(home) == {f"uploads/{upload.pk}/source.partial"}
    assert sweep(now + timedelta(days=7, minutes=1))["uploads_expired"] == 1
    assert files(home) == set()
    assert not Upload.objects.exists()


def test_parts_of_an_unfinished_upload_stay_in_object_storage(owner: User, bucket: Storage) -> None:
    size = 9 << 20
    upload = create(owner, "a.csv", size)
    parts = [b"x" * (size - 1), b""]
    receive(upload, 0, lambda _: parts.pop(0))
    store("uploads/left/source", b"x")
    sweep(timezone.now() + timedelta(days=6))
    parts = [b"y", b""]
    receive(upload, size - 1, lambda _: parts.pop(0))
    assert bucket.size(upload.uri) == size
    lost = create(owner, "a.csv", size)
    Upload.objects.filter(pk=lost.pk).delete()
    sweep(timezone.now() + timedelta(days=6))
    assert bucket.forget_unfinished(time.time() + 60) == 0


def test_an_upload_that_is_waiting_for_its_worker_stays(api: APIClient, home: Path) -> None:
    queue_import(api)
    sweep(timezone.now() + timedelta(days=2))
    assert len(files(home)) == 1


def test_rows_are_forgotten_while_storage_is_away(
    api: APIClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(api, worker)
    Outbox.objects.update(sent_at=timezone.now() - timedelta(days=2))

    def away(*_: object) -> None:
        raise HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)

    monkeypatch.setattr(FileStorage, "children", away)
    with pytest.raises(HalftoneError, match="storage_unavailable"):
        sweep(timezone.now())
    assert not Outbox.objects.exists()


def test_object_storage_is_swept_like_a_folder(api: APIClient, worker: Worker, bucket: Storage) -> None:
    job = published(api, worker)
    folder = f"datasets/{job['dataset_id']}/versions/{job['version_id']}"
    for name in ("2/c0000.values", "10/c0000.values"):
        store(f"{folder}/{name}", b"1")
    bucket.open("uploads/a-crash/source").write(b"x" * (20 << 20))
    later = timezone.now() + timedelta(minutes=3)
    assert sweep(later)["jobs_tidied"] == 1
    assert (bucket.children(folder), bucket.children("uploads")) == (["1"], [])
    assert sweep(later + timedelta(days=1))["uploads_removed"] == 1
    api.delete("/api/datasets/points/")
    assert sweep(timezone.now() + timedelta(minutes=11))["datasets_removed"] == 1
    assert bucket.children("datasets") == []


def test_old_events_go_and_the_cursor_stays(owner: User) -> None:
    make_version(make_dataset(owner, "a"))
    newest = Event.objects.order_by("-id").values_list("pk", flat=True).first()
    sweep(timezone.now() + timedelta(days=9))
    assert list(Event.objects.values_list("pk", flat=True)) == [newest]


def test_running_twice_changes_nothing_more(api: APIClient, worker: Worker) -> None:
    published(api, worker)
    later = timezone.now() + timedelta(minutes=3)
    assert sweep(later)["jobs_tidied"] == 1
    assert set(sweep(later).values()) == {0}


def test_the_command_tells_what_it_did(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    Outbox.objects.create(task="halftone.ingest", queue="ingest")
    make_upload(owner)
    call_command("sweep")
    assert "messages sent: 1" in capsys.readouterr().out
    assert not Job.objects.exists()
