import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from analytics.models import Dataset, Job, Upload
from auth_rig.people import PASSWORD, client_of, make_user
from auth_rig.work import CSV, Worker
from django.core.management import CommandError, call_command
from django.db import connection
from halftone_servicekit.storage import StorageAddress
from pytest_django.fixtures import Settings
from users.models import User
from users.services import ensure_admin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("formats")]


@pytest.fixture
def admin(db: None) -> User:
    return ensure_admin("admin@halftone.local", PASSWORD)[0]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.csv"
    path.write_bytes(CSV)
    return path


def run(path: Path, *more: str) -> str:
    out = StringIO()
    call_command("import_file", "--path", str(path), "--slug", "flights", "--title", "Flights", *more, stdout=out)
    return out.getvalue()


def test_it_queues_an_import_of_the_administrator(admin: User, sample: Path, worker: Worker, home: Path) -> None:
    run(sample, "--no-wait")
    job = Job.objects.get()
    assert job.dataset is not None
    assert job.upload is not None
    assert (job.owner, job.dataset.slug, job.dataset.title) == (admin, "flights", "Flights")
    assert (home / "storage" / job.upload.uri).read_bytes() == CSV
    claimed = worker.claim()
    assert claimed is not None
    assert worker.publish(claimed).status_code == 200
    assert client_of(admin).get("/api/datasets/flights/grant/").status_code == 200
    assert client_of(make_user()).get("/api/datasets/flights/").status_code == 404


def test_a_second_run_changes_nothing(admin: User, sample: Path, worker: Worker) -> None:
    run(sample, "--no-wait")
    run(sample, "--no-wait")
    claimed = worker.claim()
    assert claimed is not None
    worker.publish(claimed)
    assert "there already" in run(sample)
    assert (Dataset.objects.count(), Job.objects.count(), Upload.objects.count()) == (1, 1, 1)


def test_a_failed_import_is_tried_again(admin: User, sample: Path, worker: Worker) -> None:
    run(sample, "--no-wait")
    claimed = worker.claim()
    assert claimed is not None
    worker.fail(claimed, "internal")
    run(sample, "--no-wait")
    assert (Dataset.objects.filter(deleted_at=None).count(), Job.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends_well", [True, False])
def test_it_waits_for_the_worker(admin: User, sample: Path, ends_well: bool) -> None:
    def work() -> None:
        worker = Worker()
        deadline = time.monotonic() + 60
        try:
            while (job := worker.claim()) is None:
                assert time.monotonic() < deadline
                # Who waits for the database gets it between two questions.
                time.sleep(0.05)
            if ends_well:
                worker.publish(job)
            else:
                worker.fail(job, "ragged_row", "Row 2 is short.")
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        if ends_well:
            assert "2 rows are in flights." in run(sample)
        else:
            with pytest.raises(CommandError, match="failed: ragged_row Row 2 is short"):
                run(sample)
    finally:
        thread.join()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", None, "No such file"),
        ("a.exe", CSV, "type_mismatch"),
        ("a.csv", b"", "empty_file"),
        ("a.parquet", CSV, "type_mismatch"),
    ],
)
def test_a_file_that_is_none_is_named(
    admin: User, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        run(path)
    assert not Dataset.objects.exists()


def test_without_an_administrator_it_says_so(db: None, sample: Path) -> None:
    with pytest.raises(CommandError, match=r"no user admin@halftone\.local"):
        run(sample)


def test_it_imports_from_a_source(admin: User, sample: Path, worker: Worker, settings: Settings) -> None:
    settings.IMPORT_ROOTS = {"trips": StorageAddress(f"file://{sample.parent}")}
    named = ["--slug", "flights", "--title", "Flights", "--no-wait"]
    call_command("import_file", "--source", "trips/sample.csv", *named)
    upload = Upload.objects.get()
    assert (upload.uri, upload.owner) == ("source:trips/sample.csv", admin)
    for wrong, code in (("other/sample.csv", "not_found"), ("trips/none.csv", "not_found"), ("trips/..", "not_found")):
        Job.objects.all().delete()
        with pytest.raises(CommandError, match=code):
            call_command("import_file", "--source", wrong, *named)
