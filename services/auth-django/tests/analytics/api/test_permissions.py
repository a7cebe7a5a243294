import pytest
from analytics.models import Event, Permission
from auth_rig.people import client_of, make_user, problem_of
from auth_rig.work import make_dataset
from django.contrib.auth.models import Group
from rest_framework.test import APIClient
from users.models import User

URL = "/api/datasets/flights/permissions/"


@pytest.fixture(autouse=True)
def flights(owner: User) -> None:
    make_dataset(owner, "flights")


def test_a_role_is_given_changed_and_taken(api: APIClient) -> None:
    reader = make_user("reader")
    client = client_of(reader)
    made = api.post(URL, {"user": reader.email.upper(), "role": "viewer"})
    assert (made.status_code, made.json()["user"], made.json()["role"]) == (201, reader.email, "viewer")
    assert client.get("/api/datasets/flights/").json()["role"] == "viewer"
    one = f"{URL}{made.json()['id']}/"
    assert api.patch(one, {"role": "editor"}).json()["role"] == "editor"
    assert client.get("/api/datasets/flights/").json()["role"] == "editor"
    assert api.delete(one).status_code == 204
    assert client.get("/api/datasets/flights/").status_code == 404
    told = Event.objects.filter(kind="permission_changed", user_id=reader.pk)
    assert told.count() == 3


def test_a_group_shares_a_role(api: APIClient) -> None:
    group = Group.objects.create(name="analysts")
    reader = make_user("reader")
    client = client_of(reader)
    assert api.post(URL, {"group": "analysts", "role": "viewer"}).json()["group"] == "analysts"
    assert client.get("/api/datasets/flights/").status_code == 404
    reader.groups.add(group)
    assert client.get("/api/datasets/flights/").status_code == 200
    reader.groups.clear()
    assert client.get("/api/datasets/flights/").status_code == 404
    assert Event.objects.filter(kind="permission_changed", user_id=reader.pk).count() == 2


def test_there_is_always_an_owner(api: APIClient) -> None:
    mine = f"{URL}{Permission.objects.get().pk}/"
    assert problem_of(api.delete(mine))[:2] == (409, "conflict")
    assert problem_of(api.patch(mine, {"role": "viewer"}))[:2] == (409, "conflict")
    api.post(URL, {"user": make_user("second").email, "role": "owner"})
    assert api.delete(mine).status_code == 204
    assert api.get("/api/datasets/flights/").status_code == 404


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"role": "viewer"}, ("param_invalid", "user")),
        ({"user": "a@b.c", "group": "g", "role": "viewer"}, ("param_invalid", "user")),
        ({"user": "nobody@example.org", "role": "viewer"}, ("param_invalid", "user")),
        ({"group": "nobody", "role": "viewer"}, ("param_invalid", "group")),
        ({"user": "nobody@example.org"}, ("param_invalid", "role")),
        ({"user": "nobody@example.org", "role": "god"}, ("param_invalid", "role")),
        ({"user": "nobody@example.org", "role": 3}, ("param_invalid", "role")),
        ({"user": "nobody@example.org", "role": "viewer", "expiry": 1}, ("unknown_field", "expiry")),
    ],
)
def test_odd_bodies_are_named(api: APIClient, body: dict[str, object], problem: tuple[str, str]) -> None:
    assert problem_of(api.post(URL, body)) == (400, *problem)


def test_nobody_has_two_roles(api: APIClient, stranger: User) -> None:
    api.post(URL, {"user": stranger.email, "role": "viewer"})
    assert problem_of(api.post(URL, {"user": stranger.email, "role": "editor"}))[:2] == (409, "conflict")


@pytest.mark.parametrize("identity", ["00000000-0000-4000-8000-000000000000", "x", "1"])
def test_an_unknown_permission_is_not_found(api: APIClient, identity: str) -> None:
    assert problem_of(api.delete(f"{URL}{identity}/"))[:2] == (404, "not_found")


def test_another_dataset_s_permission_is_not_found(api: APIClient, stranger: User) -> None:
    make_dataset(stranger, "secret")
    theirs = Permission.objects.get(dataset__slug="secret")
    assert problem_of(api.delete(f"{URL}{theirs.pk}/"))[:2] == (404, "not_found")
    assert Permission.objects.filter(pk=theirs.pk).exists()
