import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from analytics.models import Job
from auth_rig.people import Answer, problem_of
from auth_rig.work import READING, Worker, make_dataset, make_upload, make_version
from halftone_auth.database import held_view
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db

RESULT = {"reading": READING, "columns": [], "rows": [["1", None]], "nothing_to_draw": ""}
SEMICOLON = {"reading": {"dialect": {"delimiter": ";"}}}


@pytest.fixture
def place(owner: User) -> str:
    return f"/api/uploads/{make_upload(owner).pk}/preview/"


def ask(api: APIClient, place: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    answer: Answer = api.post(place, body or {})
    assert answer.status_code == 202, answer.content
    assert answer.headers["Location"] == f"{place}{answer.json()['id']}/"
    return dict(answer.json())


def look(api: APIClient, place: str, preview: Mapping[str, Any], query: str = "") -> dict[str, Any]:
    answer = api.get(f"{place}{preview['id']}/{query}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_a_worker_finds_how_a_file_would_be_read(api: APIClient, place: str, worker: Worker) -> None:
    asked = ask(api, place, SEMICOLON)
    assert asked == {"id": asked["id"], "state": "queued", "result": None, "error": None}
    assert worker.claim() is None
    job = worker.claim("preview")
    assert job is not None
    assert (job["job_id"], job["kind"], job["dataset_id"]) == (asked["id"], "preview", None)
    assert job["options"] == {**SEMICOLON, "base": None, "pair": None}
    assert worker.heartbeat(job).json() == {"cancel": False}
    assert look(api, place, asked)["state"] == "running"
    assert [worker.finish(job, RESULT).status_code for _ in range(2)] == [200, 200]
    assert look(api, place, asked) == {"id": asked["id"], "state": "ready", "result": RESULT, "error": None}


def test_a_preview_is_no_import(api: APIClient, place: str, worker: Worker) -> None:
    asked = ask(api, place)
    assert api.get("/api/jobs/").json()["results"] == []
    assert api.get(f"/api/jobs/{asked['id']}/").status_code == 404
    assert problem_of(api.get("/api/jobs/?state=ready"))[1:] == ("param_invalid", "state")
    job = worker.claim("preview")
    assert job is not None
    body = {"token": job["token"], "manifest": "x", "manifest_sha256": "0" * 64, "rows": 1, "bytes": 1}
    body |= {"columns": [{}], "content_hash": "x"}
    answer = worker.client.post(f"/api/internal/jobs/{job['job_id']}/publish/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    upload = place.split("/")[3]
    imported = api.post("/api/imports/", {"upload": upload, "title": "Points"})
    assert imported.status_code == 202
    ingest = worker.claim()
    assert ingest is not None
    assert worker.finish(ingest, RESULT).status_code == 409


def test_equal_requests_share_a_preview(api: APIClient, place: str, worker: Worker) -> None:
    first, again = ask(api, place, SEMICOLON), ask(api, place, SEMICOLON)
    assert first["id"] == again["id"]
    job = worker.claim("preview")
    assert job is not None
    worker.finish(job, RESULT)
    assert ask(api, place, SEMICOLON)["result"] == RESULT
    assert Job.objects.count() == 1


def test_a_failed_preview_is_asked_again(api: APIClient, place: str, worker: Worker) -> None:
    first = ask(api, place)
    job = worker.claim("preview")
    assert job is not None
    worker.fail(job, "ragged_row", "Line 3 is short.", "x")
    told = look(api, place, first)
    assert (told["state"], told["error"]) == (
        "failed",
        {"code": "ragged_row", "detail": "Line 3 is short.", "field": "x"},
    )
    assert ask(api, place)["id"] != first["id"]


def test_another_request_takes_the_place_of_one_on_its_way(api: APIClient, place: str, worker: Worker) -> None:
    first = ask(api, place)
    job = worker.claim("preview")
    assert job is not None
    waiting = ask(api, place, SEMICOLON)
    other = ask(api, place, {"reading": {"dialect": {"delimiter": "|"}}})
    assert look(api, place, waiting)["error"]["code"] == "cancelled"
    assert worker.heartbeat(job).json() == {"cancel": True}
    assert worker.finish(job, RESULT).status_code == 409
    worker.fail(job, "cancelled")
    assert (look(api, place, first)["state"], look(api, place, other)["state"]) == ("failed", "queued")
    assert ask(api, place)["id"] not in (first["id"], other["id"])


def test_the_newest_version_of_a_dataset_is_where_a_reading_starts(
    api: APIClient, owner: User, place: str, worker: Worker
) -> None:
    version = make_version(make_dataset(owner, "flights"))
    version.reading = READING
    version.save()
    ask(api, place, {"dataset": "flights"})
    job = worker.claim("preview")
    assert job is not None
    assert job["options"] == {"reading": {}, "base": READING, "pair": None}


def test_rights_are_asked_for(api: APIClient, foreign: APIClient, owner: User, stranger: User, place: str) -> None:
    asked = ask(api, place)
    assert problem_of(foreign.post(place, {})) == (404, "not_found", "upload")
    assert problem_of(foreign.get(f"{place}{asked['id']}/")) == (404, "not_found", "upload")
    make_dataset(stranger, "theirs")
    assert problem_of(api.post(place, {"dataset": "theirs"}))[:2] == (404, "unknown_dataset")
    other = f"/api/uploads/{make_upload(owner).pk}/preview/"
    for unknown in (asked["id"], uuid.uuid4(), "x"):
        assert problem_of(api.get(f"{other}{unknown}/")) == (404, "not_found", "preview")


def test_a_result_is_bounded(api: APIClient, place: str, worker: Worker) -> None:
    ask(api, place)
    job = worker.claim("preview")
    assert job is not None
    answer = worker.finish(job, {"rows": ["é" * (256 << 10)]})
    assert (answer.status_code, answer.json()["field"]) == (400, "result")


def test_a_wait_ends_with_its_seconds(api: APIClient, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def wait_for(is_there: object, wait_s: float) -> None:
        waits.append(wait_s)

    monkeypatch.setattr("analytics.api.previews.wait_for", wait_for)
    asked = ask(api, place)
    assert look(api, place, asked, "?wait=3")["state"] == "queued"
    look(api, place, asked)
    assert waits == [3, 0]
    for wait, code in (("x", "param_invalid"), ("-1", "param_invalid"), ("21", "param_out_of_range")):
        assert problem_of(api.get(f"{place}{asked['id']}/?wait={wait}"))[1:] == (code, "wait")
    assert held_view.MAX_WAIT_S == 20
