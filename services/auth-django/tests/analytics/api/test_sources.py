from pathlib import Path

import pytest
from analytics.models import Job
from auth_rig.people import client_of, make_user, problem_of
from auth_rig.work import CSV, Worker
from halftone_servicekit.storage import StorageAddress
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("formats")]


@pytest.fixture
def folder(home: Path, settings: Settings) -> Path:
    folder = home / "opened"
    (folder / "a").mkdir(parents=True)
    for name in ("a/1.csv", "a/2.csv"):
        (folder / name).write_bytes(CSV)
    settings.IMPORT_ROOTS = {"trips": StorageAddress(f"file://{folder}")}
    return folder


@pytest.fixture
def staff(db: None) -> APIClient:
    return client_of(make_user("staff", is_staff=True))


def test_a_folder_is_looked_through_and_imported(staff: APIClient, worker: Worker, folder: Path) -> None:
    assert staff.get("/api/sources/").json() == [{"name": "trips", "kind": "folder"}]
    listing = staff.get("/api/sources/trips/").json()
    assert listing == {"path": "", "entries": [{"name": "a", "bytes": None}], "more": False}
    listing = staff.get("/api/sources/trips/?path=a").json()
    assert listing["entries"] == [{"name": "1.csv", "bytes": 12}, {"name": "2.csv", "bytes": 12}]
    answer = staff.post("/api/sources/trips/", {"path": "a"})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["bytes"], answer.json()["received"]) == ("a", 24, 24)
    assert staff.post(f"{answer.headers['Location']}preview/", {}).status_code == 202
    preview = worker.claim("preview")
    assert preview is not None
    assert preview["source"] == {"uri": "source:trips/a", "format": "csv", "name": "a", "bytes": 24}
    assert str(folder) not in str(answer.content) + str(preview)
    staff.post("/api/imports/", {"upload": answer.json()["id"], "title": "Trips"})
    job = worker.claim()
    assert job is not None
    assert worker.publish(job).status_code == 200
    assert Job.objects.get(pk=job["job_id"]).state == "published"
    assert (folder / "a/1.csv").exists()


def test_others_see_no_source(api: APIClient, folder: Path) -> None:
    assert api.get("/api/sources/").json() == []
    assert problem_of(api.get("/api/sources/trips/")) == (404, "not_found", "source")
    assert problem_of(api.post("/api/sources/trips/", {"path": "a"})) == (404, "not_found", "source")


@pytest.mark.parametrize("path", ["..", "../opened/a", "/etc", "none", "a/../a", "%2e%2e"])
def test_a_path_leads_nowhere_else(staff: APIClient, folder: Path, path: str) -> None:
    assert problem_of(staff.get(f"/api/sources/trips/?path={path}")) == (404, "not_found", "path")
    assert problem_of(staff.post("/api/sources/trips/", {"path": path}))[0] in (404, 422)


def test_a_long_folder_is_cut(staff: APIClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.api.sources.MOST_ENTRIES", 1)
    listing = staff.get("/api/sources/trips/?path=a").json()
    assert ([entry["name"] for entry in listing["entries"]], listing["more"]) == (["1.csv"], True)
