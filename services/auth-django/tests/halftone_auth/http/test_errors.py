from pathlib import Path

import pytest
from auth_rig.people import problem_of
from django.test import Client
from halftone_auth.http.errors import headers_of
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/nope", "/api/", "/api/nope/", "/api/datasets/a/b/c/", "/api/..%2fadmin/x", "/%00"]
)
def test_every_unknown_path_is_a_problem(path: str) -> None:
    assert problem_of(Client().get(path)) == (404, "not_found", "")  # type: ignore[arg-type]  # the same shape


def test_a_foreign_host_is_a_problem() -> None:
    answer = Client().get("/api/datasets/", headers={"Host": "evil.example"})
    assert problem_of(answer) == (400, "bad_message", "")  # type: ignore[arg-type]  # the same shape


def test_a_bug_tells_nothing_but_its_request(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr("analytics.catalogue.access.dataset_for", broken)
    answer = api.get("/api/datasets/flights/")
    assert problem_of(answer) == (500, "internal", "")
    assert b"secret" not in answer.content


def test_waits_are_whole_seconds_and_rounded_up() -> None:
    assert headers_of(HalftoneError(ErrorCode.RATE_LIMITED, retry_after_ms=1001)) == {"Retry-After": "2"}
    assert headers_of(HalftoneError(ErrorCode.OVERLOADED)) == {"Retry-After": "1"}
    assert headers_of(HalftoneError(ErrorCode.TOKEN_EXPIRED)) == {"WWW-Authenticate": 'Bearer realm="halftone"'}
    assert headers_of(HalftoneError(ErrorCode.NOT_FOUND)) == {}


def test_a_missing_key_is_said_to_be_our_fault(api: APIClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from auth_rig.people import make_user, sign_in
    from django.test import override_settings

    user = make_user()
    with override_settings(SIGNING_KEYS=tmp_path / "none"):
        answer = sign_in(user)
    assert problem_of(answer)[:2] == (503, "auth_unavailable")
    assert answer.headers["Retry-After"] == "5"
