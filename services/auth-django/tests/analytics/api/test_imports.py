import uuid

import pytest
from analytics.models import Dataset, Job, Permission
from auth_rig.people import problem_of
from auth_rig.work import Worker, make_dataset, make_upload, upload
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db


def test_an_import_makes_a_dataset_and_a_job(api: APIClient) -> None:
    sent = upload(api).json()["id"]
    response = api.post("/api/imports/", {"upload": sent, "title": "My points", "description": "x"})
    assert response.status_code == 202
    body = response.json()
    assert response.headers["Location"] == f"/api/jobs/{body['id']}/"
    assert (body["state"], body["dataset"], body["version"], body["source"]) == (
        "queued",
        "my-points",
        None,
        "points.csv",
    )
    assert Dataset.objects.get().title == "My points"


def test_an_import_goes_into_a_dataset_that_is_there(api: APIClient, owner: User) -> None:
    make_dataset(owner, "flights")
    response = api.post("/api/imports/", {"upload": str(make_upload(owner).pk), "dataset": "flights"})
    assert (response.status_code, response.json()["dataset"]) == (202, "flights")


def test_a_viewer_may_not_import(foreign: APIClient, owner: User, stranger: User) -> None:
    dataset = make_dataset(owner, "flights")
    sent = str(make_upload(stranger).pk)
    body = {"upload": sent, "dataset": "flights"}
    assert problem_of(foreign.post("/api/imports/", body))[:2] == (404, "unknown_dataset")
    Permission.objects.create(dataset=dataset, user=stranger, role=1)
    assert problem_of(foreign.post("/api/imports/", body))[:2] == (403, "forbidden")
    Permission.objects.filter(user=stranger).update(role=2)
    assert foreign.post("/api/imports/", body).status_code == 202


def test_a_stranger_s_upload_is_not_found(foreign: APIClient, owner: User) -> None:
    for sent in (make_upload(owner).pk, uuid.uuid4()):
        body = {"upload": str(sent), "title": "x"}
        assert problem_of(foreign.post("/api/imports/", body)) == (404, "not_found", "upload")
    assert not Dataset.objects.exists()


def test_an_upload_is_imported_once(api: APIClient, owner: User) -> None:
    body = {"upload": str(make_upload(owner).pk), "title": "x"}
    assert api.post("/api/imports/", body).status_code == 202
    assert problem_of(api.post("/api/imports/", body)) == (409, "upload_conflict", "upload")
    assert (Dataset.objects.count(), Job.objects.count()) == (1, 1)
    Job.objects.update(state="failed")
    assert api.post("/api/imports/", body).status_code == 202


def test_a_repeat_with_its_key_makes_nothing_new(api: APIClient, owner: User) -> None:
    body = {"upload": str(make_upload(owner).pk), "title": "x"}
    key = {"Idempotency-Key": "import-1"}
    first = api.post("/api/imports/", body, headers=key)
    again = api.post("/api/imports/", body, headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"title": "x"}, ("param_invalid", "upload")),
        ({"upload": "x", "title": "x"}, ("param_invalid", "upload")),
        ({"upload": str(uuid.uuid4())}, ("param_invalid", "dataset")),
        ({"upload": str(uuid.uuid4()), "description": "x"}, ("param_invalid", "dataset")),
        ({"upload": str(uuid.uuid4()), "dataset": "a", "title": "x"}, ("param_invalid", "dataset")),
        ({"upload": str(uuid.uuid4()), "title": "x", "slug": "A"}, ("param_invalid", "slug")),
        ({"upload": str(uuid.uuid4()), "title": "x", "url": "http://a"}, ("unknown_field", "url")),
    ],
)
def test_odd_bodies_are_named(api: APIClient, body: dict[str, object], problem: tuple[str, str]) -> None:
    assert problem_of(api.post("/api/imports/", body)) == (400, *problem)


def test_an_import_keeps_the_pair_that_a_person_wants(api: APIClient, owner: User) -> None:
    body = {"upload": str(make_upload(owner).pk), "title": "x", "pair": {"x": "a", "y": "b"}}
    assert api.post("/api/imports/", body).json()["pair"] == {"x": "a", "y": "b"}
    assert Job.objects.get().pair == {"x": "a", "y": "b"}


def test_columns_that_a_preview_knows_are_checked_at_once(api: APIClient, owner: User, worker: Worker) -> None:
    sent = make_upload(owner)
    api.post(f"/api/uploads/{sent.pk}/preview/", {"reading": {}})
    job = worker.claim("preview")
    assert job is not None
    columns = [{"name": "x", "type": "COLUMN_TYPE_NUMBER", "min": 1}, {"name": "note", "type": "COLUMN_TYPE_TEXT"}]
    reading: dict[str, list[dict[str, str]]] = {"warnings": []}
    worker.finish(job, {"columns": columns, "reading": reading})
    body = {"upload": str(sent.pk), "title": "x", "pair": {"x": "x", "y": "note"}}
    assert problem_of(api.post("/api/imports/", body)) == (400, "param_invalid", "pair.y")
    assert not Dataset.objects.exists()
    # Read in another way, the columns may be others: the worker finds out.
    assert api.post("/api/imports/", {**body, "reading": {"dialect": {"above": 1}}}).status_code == 202


def test_of_a_wide_table_a_preview_knows_too_few_columns(api: APIClient, owner: User, worker: Worker) -> None:
    sent = make_upload(owner)
    api.post(f"/api/uploads/{sent.pk}/preview/", {})
    job = worker.claim("preview")
    assert job is not None
    worker.finish(job, {"columns": [], "reading": {"warnings": [{"code": "columns_not_shown"}]}})
    body = {"upload": str(sent.pk), "title": "x", "pair": {"x": "a", "y": "b"}}
    assert api.post("/api/imports/", body).status_code == 202
