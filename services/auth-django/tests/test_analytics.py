"""What must hold when requests meet in the database, on every kind of database."""

from collections import Counter
from typing import Any

import pytest
from analytics.catalogue import datasets
from analytics.jobs import lifecycle, previews
from analytics.models import Dataset, Job, Permission, Role, Version
from auth_rig.people import PASSWORD, client_of, make_user
from auth_rig.threads import at_once
from auth_rig.work import Worker, make_dataset, make_upload
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone
from halftone_servicekit.errors import HalftoneError
from users import services as users
from users.models import SessionFamily, User

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(3)


def test_one_key_makes_one_dataset() -> None:
    client = client_of(make_user())

    def create() -> tuple[int, str]:
        answer = client.post("/api/datasets/", {"title": "Points"}, headers={"Idempotency-Key": "k-1"})
        return answer.status_code, answer.json()["slug"]

    assert set(at_once(*[create] * 6)) == {(201, "points")}
    assert Dataset.objects.count() == 1


def test_datasets_of_one_title_get_slugs_of_their_own() -> None:
    user = make_user()
    made = at_once(*[lambda: datasets.create_dataset(user, "Points").slug] * 6)
    assert sorted(map(str, made)) == ["points", *(f"points-{number}" for number in range(2, 7))]


def test_an_upload_is_imported_once() -> None:
    user = make_user()
    dataset, upload = make_dataset(user), make_upload(user)
    outcomes = at_once(*[lambda: lifecycle.enqueue(user, dataset, upload)] * 6)
    refused = [outcome for outcome in outcomes if isinstance(outcome, HalftoneError)]
    assert (Job.objects.count(), [error.code for error in refused]) == (1, ["upload_conflict"] * 5)


def test_versions_of_one_dataset_are_numbered_without_a_gap() -> None:
    user, worker = make_user(), Worker()
    dataset = make_dataset(user)
    for _ in range(4):
        lifecycle.enqueue(user, dataset, make_upload(user))
    claimed: list[Any] = [worker.claim() for _ in range(4)]
    bodies = [(job["job_id"], worker.made(job, f"hash-{number}")) for number, job in enumerate(claimed)]

    def publish(job_id: str, body: dict[str, Any]) -> int:
        return Worker().client.post(f"/api/internal/jobs/{job_id}/publish/", body).status_code

    assert at_once(*[lambda pair=pair: publish(*pair) for pair in bodies]) == [200] * 4
    assert sorted(Version.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    newest = Dataset.objects.get().newest
    assert newest is not None
    assert newest.number == 4


def test_the_same_publication_twice_makes_one_version() -> None:
    user, worker = make_user(), Worker()
    lifecycle.enqueue(user, make_dataset(user), make_upload(user))
    job = worker.claim()
    assert job is not None
    body = worker.made(job)
    path = f"/api/internal/jobs/{job['job_id']}/publish/"
    assert at_once(*[lambda: Worker().client.post(path, body).status_code] * 4) == [200] * 4
    assert Version.objects.count() == 1


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_cancel_that_meets_a_claim_is_heard(_round: int) -> None:
    user = make_user()
    job = lifecycle.enqueue(user, make_dataset(user), make_upload(user))
    at_once(lambda: lifecycle.cancel(job, timezone.now()), lambda: lifecycle.claim("w", ["ingest"], timezone.now()))
    job.refresh_from_db()
    assert job.state == "cancelled" or job.cancel_requested_at is not None


def test_a_delete_that_meets_imports_leaves_none_behind() -> None:
    user = make_user()
    dataset = make_dataset(user)
    waiting = [make_upload(user) for _ in range(4)]
    enqueues = [lambda upload=upload: lifecycle.enqueue(user, dataset, upload) for upload in waiting]
    at_once(*enqueues, lambda: datasets.delete_dataset(dataset))
    assert set(Job.objects.values_list("state", flat=True)) <= {"cancelled"}


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_owners_cannot_both_go(_round: int) -> None:
    first, second = make_user(), make_user()
    dataset = make_dataset(first)
    datasets.grant_role(dataset, Role.OWNER, user_email=second.email)
    mine, yours = Permission.objects.all()
    outcomes = at_once(lambda: datasets.change_role(mine, Role.VIEWER), lambda: datasets.revoke_role(yours))
    assert Counter(isinstance(outcome, HalftoneError) for outcome in outcomes) == {True: 1, False: 1}
    assert Permission.objects.filter(role=Role.OWNER).count() == 1


def test_a_sign_in_with_a_password_that_has_just_gone_starts_no_session(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user()
    seen = users.check_password

    def overtaken(request: HttpRequest, email: str, password: str, address: str) -> User:
        found = seen(request, email, password, address)
        user.set_password("another horse 9")
        user.save()
        return found

    monkeypatch.setattr(users, "check_password", overtaken)
    with pytest.raises(HalftoneError, match="auth_required"):
        users.sign_in(rf.post("/"), user.email, PASSWORD, "api", "192.0.2.1")
    assert not SessionFamily.objects.exists()


@pytest.mark.parametrize("_round", ROUNDS)
def test_of_two_imports_that_fail_at_once_the_last_takes_the_draft_along(_round: int) -> None:
    user, worker = make_user(), Worker()
    dataset = datasets.create_dataset(user, "Points", is_draft=True)
    for _ in range(2):
        lifecycle.enqueue(user, dataset, make_upload(user))
    claimed: list[Any] = [worker.claim() for _ in range(2)]
    assert at_once(*[lambda job=job: Worker().fail(job, "internal").status_code for job in claimed]) == [200, 200]
    dataset.refresh_from_db()
    assert dataset.deleted_at is not None


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_cancel_that_meets_a_publication_waits_for_no_one(_round: int) -> None:
    user, worker = make_user(), Worker()
    job = lifecycle.enqueue(user, datasets.create_dataset(user, "Points", is_draft=True), make_upload(user))
    claimed: Any = worker.claim()
    body = worker.made(claimed)
    path = f"/api/internal/jobs/{claimed['job_id']}/publish/"
    at_once(lambda: lifecycle.cancel(job, timezone.now()), lambda: Worker().client.post(path, body).status_code)
    job.refresh_from_db()
    assert job.state == "published" or job.cancel_requested_at is not None


def test_equal_previews_asked_for_at_once_are_one() -> None:
    user = make_user()
    upload = make_upload(user)
    made = at_once(*[lambda: previews.ask(user, upload, None, {}, timezone.now()).pk] * 6)
    assert len(set(made)) == Job.objects.count() == 1
