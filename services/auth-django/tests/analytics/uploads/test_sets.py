"""Sets of files on a folder and on a real object store, by REST."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from analytics.models import Upload
from analytics.upkeep.sweep import remove_expired_uploads, remove_stale_uploads
from analytics.uploads import space
from auth_rig.people import Answer, problem_of
from auth_rig.work import CSV
from django.utils import timezone
from halftone_auth.storage import storage
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("formats", "place")]

NAMES = ("part-2.csv", "part-10.csv", "part-1.csv")
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest) -> None:
    if request.param == "s3":
        request.getfixturevalue("bucket")


def opened(api: APIClient, *names: str, size: int = len(CSV)) -> Answer:
    files = [{"name": name, "bytes": size} for name in names or NAMES]
    return api.post("/api/uploads/sets/", {"files": files})


def send(api: APIClient, part: dict[str, Any], data: bytes = CSV, offset: int = 0) -> Answer:
    headers = {**TUS, "Upload-Offset": str(offset)}
    kind = "application/offset+octet-stream"
    return api.patch(f"/api/uploads/{part['id']}/", data, content_type=kind, headers=headers)


def test_a_set_is_whole_once_all_its_files_are(api: APIClient, owner: User) -> None:
    answer = opened(api)
    body, at = answer.json(), answer.headers["Location"]
    assert (answer.status_code, at) == (201, f"/api/uploads/{body['id']}/")
    assert (body["name"], body["format"], body["bytes"], body["received"]) == ("part", "csv", 36, 0)
    parts = body["parts"]
    assert [part["name"] for part in parts] == ["part-1.csv", "part-10.csv", "part-2.csv"]
    assert (space.used(owner), space.reserved()) == (36, 36)
    assert send(api, parts[0]).status_code == 204
    assert send(api, parts[2], CSV[:5]).headers["Upload-Offset"] == "5"
    # Where another tab goes on.
    assert [part["received"] for part in api.get(at).json()["parts"]] == [12, 0, 5]
    assert (api.get(at).json()["received"], space.used(owner), space.reserved()) == (17, 36, 19)
    assert problem_of(api.post(f"{at}preview/", {}))[:2] == (409, "upload_conflict")
    assert problem_of(api.post(f"/api/uploads/{parts[0]['id']}/preview/", {}))[:2] == (409, "upload_conflict")
    assert problem_of(send(api, body))[:2] == (409, "upload_conflict")
    send(api, parts[2], CSV[5:], 5)
    assert send(api, parts[1]).status_code == 204
    assert Upload.objects.get(pk=body["id"]).received is None
    assert (api.get(at).json()["received"], space.used(owner), space.reserved()) == (36, 36, 0)
    folder = f"uploads/{body['id']}/source"
    assert storage().entries(folder) == [(name, 12) for name in sorted(NAMES)]
    assert storage().read(f"{folder}/part-2.csv") == CSV
    assert api.post(f"{at}preview/", {}).status_code == 202


@pytest.mark.parametrize("is_whole", [False, True])
def test_to_cancel_a_set_frees_all_of_it(api: APIClient, owner: User, is_whole: bool) -> None:
    body = opened(api).json()
    for part in body["parts"] if is_whole else body["parts"][:1]:
        send(api, part)
    send(api, body["parts"][1], CSV[:3])
    assert api.delete(f"/api/uploads/{body['id']}/", headers=TUS).status_code == 204
    assert (Upload.objects.count(), space.used(owner), storage().children("uploads")) == (0, 0, [])
    assert storage().forget_unfinished(timezone.now().timestamp() + 60) == 0
    assert send(api, body["parts"][2]).status_code == 404


def test_a_file_of_another_kind_ends_the_set_and_is_named(api: APIClient) -> None:
    body = opened(api, "a.parquet", "b.parquet").json()
    answer = send(api, body["parts"][1])
    assert problem_of(answer) == (415, "type_mismatch", "file")
    assert answer.json()["detail"].startswith("b.parquet: The file is not Parquet")
    assert not Upload.objects.exists()


def test_an_unfinished_set_goes_a_week_after_its_last_byte(api: APIClient) -> None:
    now = timezone.now()
    body = opened(api).json()
    Upload.objects.update(expires_at=now - timedelta(seconds=1))
    send(api, body["parts"][0])
    assert remove_expired_uploads(now) == 0
    assert remove_stale_uploads(now + timedelta(days=2)) == 0
    assert remove_expired_uploads(now + timedelta(days=8)) == 1
    assert (Upload.objects.count(), storage().children("uploads")) == (0, [])


def test_a_whole_set_without_an_import_goes_after_a_day(api: APIClient) -> None:
    body = opened(api).json()
    for part in body["parts"]:
        send(api, part)
    assert remove_stale_uploads(timezone.now() + timedelta(days=2)) == 1
    assert storage().children("uploads") == []
    assert Upload.objects.get().removed_at is not None


def test_the_last_step_of_a_process_that_died_is_made_good(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    body = opened(api).json()
    with monkeypatch.context() as patch:
        patch.setattr("analytics.uploads.resumable.finish_set", lambda _: None)
        for part in body["parts"]:
            send(api, part)
    assert Upload.objects.get(pk=body["id"]).received == 0
    api.get(f"/api/uploads/{body['id']}/")
    assert Upload.objects.get(pk=body["id"]).received is None


@pytest.mark.parametrize(
    ("names", "status", "code", "said"),
    [
        (("a.csv",), 400, "param_out_of_range", "A set has 2 to 1,000 files."),
        (tuple(f"{n}.csv" for n in range(1001)), 400, "param_out_of_range", "A set has 2 to 1,000 files."),
        (("a.csv", "a.csv"), 400, "param_invalid", "a.csv: two files"),
        (("a.csv", "../b.csv"), 400, "param_invalid", "../b.csv:"),
        (("a.csv", "_b.csv"), 400, "param_invalid", "_b.csv:"),
        (("a.csv", "a.csv.tail-1.csv"), 400, "param_invalid", "a.csv.tail-1.csv:"),
        (("a.csv", "日" * 70 + ".csv"), 400, "param_invalid", "日"),
        (("a.csv", "b.parquet"), 415, "type_mismatch", "b.parquet: all files"),
        (("a.csv", "b.exe"), 415, "type_mismatch", "b.exe:"),
    ],
)
def test_sets_that_can_not_be(api: APIClient, names: tuple[str, ...], status: int, code: str, said: str) -> None:
    answer = opened(api, *names)
    assert problem_of(answer) == (status, code, "files")
    assert answer.json()["detail"].startswith(said)
    assert not Upload.objects.exists()


def test_the_sum_must_fit(api: APIClient, owner: User, settings: Settings) -> None:
    settings.QUOTA_BYTES = 35
    assert problem_of(opened(api)) == (413, "quota_exceeded", "")
    settings.QUOTA_BYTES = 36
    settings.UPLOAD_MAX_BYTES = 35
    assert problem_of(opened(api)) == (413, "body_too_large", "files")
    assert problem_of(opened(api, size=0)) == (422, "empty_file", "files")
    settings.UPLOAD_MAX_BYTES = 36
    assert opened(api).status_code == 201


def test_a_stranger_finds_no_set(api: APIClient, foreign: APIClient) -> None:
    body = opened(api).json()
    assert foreign.get(f"/api/uploads/{body['id']}/").status_code == 404
    assert send(foreign, body["parts"][0]).status_code == 404
    assert foreign.delete(f"/api/uploads/{uuid.uuid4()}/", headers=TUS).status_code == 404
