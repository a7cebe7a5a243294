import pytest
from analytics.models import Dataset
from auth_rig.people import problem_of
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
URL = "/api/datasets/"


def test_the_same_request_has_the_same_answer(api: APIClient) -> None:
    answers = [api.post(URL, {"title": "x"}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Dataset.objects.count() == 1


def test_another_request_cannot_use_the_key(api: APIClient) -> None:
    api.post(URL, {"title": "x"}, headers={"Idempotency-Key": "k"})
    answer = api.post(URL, {"title": "y"}, headers={"Idempotency-Key": "k"})
    assert problem_of(answer) == (409, "conflict", "Idempotency-Key")


def test_another_person_can(api: APIClient, foreign: APIClient) -> None:
    for client in (api, foreign):
        assert client.post(URL, {"title": "x"}, headers={"Idempotency-Key": "k"}).status_code == 201
    assert Dataset.objects.count() == 2


def test_an_error_is_not_kept(api: APIClient) -> None:
    api.post(URL, {"title": "x", "slug": "a"})
    key = {"Idempotency-Key": "k"}
    assert api.post(URL, {"title": "x", "slug": "a"}, headers=key).status_code == 409
    Dataset.objects.all().delete()
    assert api.post(URL, {"title": "x", "slug": "a"}, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "é", "a b"])
def test_odd_keys_are_named(api: APIClient, key: str) -> None:
    answer = api.post(URL, {"title": "x"}, headers={"Idempotency-Key": key})
    assert problem_of(answer) == (400, "param_invalid", "Idempotency-Key")
