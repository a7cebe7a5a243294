import pytest
from analytics.events import RECENT
from analytics.models import Event
from auth_rig.people import client_of, make_user, problem_of, sign_in
from auth_rig.work import Worker, make_dataset
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db
URL = "/api/internal/events/"


def test_without_a_cursor_the_answer_is_one_before_recent_events(worker: Worker, owner: User) -> None:
    assert worker.client.get(URL).json() == {"cursor": 0, "more": False, "events": []}
    make_dataset(owner, "a")
    event = Event.objects.get()
    assert worker.client.get(URL).json() == {"cursor": event.pk - 1, "more": True, "events": []}
    Event.objects.update(created_at=event.created_at - RECENT)
    assert worker.client.get(URL).json() == {"cursor": event.pk, "more": False, "events": []}


def test_every_event_is_told_once_and_in_order(worker: Worker, owner: User) -> None:
    cursor = worker.client.get(URL).json()["cursor"]
    client = client_of(owner)
    dataset = make_dataset(owner, "a")
    client.delete("/api/datasets/a/")
    tokens = sign_in(owner).data
    client.post("/api/token/revoke/", {"refresh": tokens["refresh"]})
    owner.set_password("another password 7")
    owner.save()
    answer = worker.client.get(URL, {"after": cursor}).json()
    assert [event["kind"] for event in answer["events"]] == [
        "permission_changed",
        "dataset_deleted",
        "session_revoked",
        "user_revoked",
    ]
    assert answer["events"][0] == {
        "id": answer["events"][0]["id"],
        "kind": "permission_changed",
        "user_id": str(owner.pk),
        "dataset_id": str(dataset.pk),
    }
    assert answer["events"][-1] == {
        "id": answer["cursor"],
        "kind": "user_revoked",
        "user_id": str(owner.pk),
        "token_version": 2,
    }
    again = worker.client.get(URL, {"after": answer["cursor"]}).json()
    assert again == {"cursor": answer["cursor"], "more": False, "events": []}


def test_many_come_in_parts(worker: Worker) -> None:
    user = make_user()
    Event.objects.bulk_create([Event(kind="user_revoked", user_id=user.pk) for _ in range(1500)])
    first = worker.client.get(URL, {"after": 0}).json()
    second = worker.client.get(URL, {"after": first["cursor"]}).json()
    assert (len(first["events"]), first["more"]) == (1000, True)
    assert (len(second["events"]), second["more"]) == (500, False)


def test_a_cursor_of_another_database_is_brought_back(worker: Worker, owner: User) -> None:
    make_dataset(owner, "a")
    newest = Event.objects.get().pk
    assert worker.client.get(URL, {"after": newest + 1000}).json() == {"cursor": newest, "more": False, "events": []}


@pytest.mark.parametrize("after", ["-1", "x", "", "9" * 30, "1.5"])
def test_odd_cursors_are_named(worker: Worker, after: str) -> None:
    assert problem_of(worker.client.get(URL, {"after": after})) == (400, "param_invalid", "after")


@pytest.mark.parametrize("wait", ["-1", "x", "", "1.5"])
def test_odd_waits_are_named(worker: Worker, wait: str) -> None:
    assert problem_of(worker.client.get(f"{URL}?after=0&wait={wait}")) == (400, "param_invalid", "wait")


@pytest.mark.parametrize("wait", ["0", "31"])
def test_the_wait_has_bounds(worker: Worker, wait: str) -> None:
    assert problem_of(worker.client.get(f"{URL}?after=0&wait={wait}")) == (400, "param_out_of_range", "wait")


def test_only_services_may_ask(api: APIClient, anonymous: APIClient) -> None:
    assert problem_of(anonymous.get(URL))[:2] == (401, "auth_required")
    assert problem_of(api.get(URL))[:2] == (401, "token_invalid")
