import pytest
from auth_rig.people import problem_of
from auth_rig.work import COLUMNS, make_dataset, make_version
from rest_framework.test import APIClient
from users.models import User


def test_columns_come_as_they_were_published(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    first = make_version(dataset, 1)
    newest = make_version(dataset, 2)
    found = api.get("/api/datasets/flights/columns/").json()
    assert found == {"version": {"version_id": str(newest.pk), "number": 2, "rows": 2}, "columns": COLUMNS}
    older = api.get(f"/api/datasets/flights/columns/?version={first.pk}").json()
    assert older["version"]["version_id"] == str(first.pk)


def test_without_a_version_there_are_none(api: APIClient, owner: User) -> None:
    make_dataset(owner, "flights")
    assert problem_of(api.get("/api/datasets/flights/columns/"))[:2] == (410, "version_gone")


@pytest.mark.parametrize("version", ["00000000-0000-4000-8000-000000000000", "x", "1", "%00x"])
def test_an_unknown_version_is_gone(api: APIClient, owner: User, version: str) -> None:
    make_version(make_dataset(owner, "flights"))
    status = api.get(f"/api/datasets/flights/columns/?version={version}").status_code
    assert status == (400 if "%00" in version else 410)


def test_another_dataset_s_version_is_gone(api: APIClient, owner: User, stranger: User) -> None:
    make_version(make_dataset(owner, "flights"))
    theirs = make_version(make_dataset(stranger, "secret"))
    url = f"/api/datasets/flights/columns/?version={theirs.pk}"
    assert problem_of(api.get(url)) == (410, "version_gone", "version")
