import pytest
from auth_rig.people import problem_of
from auth_rig.work import Worker
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db

TABLE = {"title": "Table", "endings": ["tab", "tab.gz"], "magics": []}
SHEET = {"title": "Sheet", "endings": ["xlsx"], "magics": ["504b0304"]}


def test_a_picker_sees_what_workers_announced(api: APIClient, worker: Worker) -> None:
    assert api.get("/api/formats/").json() == []
    answer = worker.client.put("/api/internal/formats/", {"formats": [TABLE, SHEET]})
    assert (answer.status_code, answer.json()) == (200, {})
    listed = [{name: each[name] for name in ("title", "endings")} for each in (SHEET, TABLE)]
    assert api.get("/api/formats/").json() == listed
    assert problem_of(api.get("/api/formats/?a=1"))[1:] == ("unknown_field", "a")


@pytest.mark.parametrize(
    "formats",
    [
        [],
        [{**TABLE, "endings": []}],
        [{**TABLE, "endings": [".tab"]}],
        [{**TABLE, "endings": ["a.b.c"]}],
        [{**TABLE, "magics": ["5"]}],
        [{**TABLE, "magics": [""]}],
        [TABLE, {**SHEET, "title": "Table"}],
        [TABLE, {**SHEET, "endings": ["tab"]}],
    ],
)
def test_an_odd_announcement_changes_nothing(api: APIClient, worker: Worker, formats: list[object]) -> None:
    worker.client.put("/api/internal/formats/", {"formats": [TABLE]})
    answer = worker.client.put("/api/internal/formats/", {"formats": formats})
    assert answer.status_code == 400
    assert [each["title"] for each in api.get("/api/formats/").json()] == ["Table"]


def test_a_claim_tells_how_many_formats_are_known(api: APIClient, worker: Worker) -> None:
    def known() -> str:
        body = {"worker": "w", "kinds": ["ingest"]}
        return str(worker.client.post("/api/internal/jobs/claim/", body).headers["Halftone-Formats"])

    assert known() == "0"
    worker.client.put("/api/internal/formats/", {"formats": [TABLE, SHEET]})
    assert known() == "2"


def test_a_person_announces_nothing(api: APIClient) -> None:
    assert api.put("/api/internal/formats/", {"formats": [TABLE]}).status_code == 401
    assert api.get("/api/formats/").json() == []
