import time
import uuid

import pytest
from auth_rig.people import client_of, problem_of, sign_in, with_token
from rest_framework.test import APIClient
from users.authentication import session_of
from users.models import SessionFamily, User
from users.services import end_session
from users.tokens.issue import access_backend

pytestmark = pytest.mark.django_db


def test_no_token_asks_to_sign_in(anonymous: APIClient) -> None:
    response = anonymous.get("/api/me/")
    assert problem_of(response) == (401, "auth_required", "")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="halftone"'


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a.b", "Bearer a b", "Basic YTpi", f"Bearer {'x' * 20_000}", "Bearer é.é.é", "bearer  "]
)
def test_a_header_that_is_no_token_is_refused(anonymous: APIClient, header: str) -> None:
    assert problem_of(anonymous.get("/api/me/", headers={"Authorization": header}))[:2] == (401, "token_invalid")


def test_an_ended_session_ends_its_access_tokens(api: APIClient) -> None:
    end_session(SessionFamily.objects.get(), "admin")
    assert problem_of(api.get("/api/me/"))[:2] == (401, "token_invalid")


def test_one_session_s_end_is_not_another_s(owner: User) -> None:
    first, second = client_of(owner), client_of(owner)
    end_session(SessionFamily.objects.order_by("created_at").first() or SessionFamily(), "admin")
    assert [first.get("/api/me/").status_code, second.get("/api/me/").status_code] == [401, 200]


def test_an_old_token_version_is_refused(api: APIClient) -> None:
    User.objects.update(token_version=2)
    assert problem_of(api.get("/api/me/"))[:2] == (401, "token_invalid")


def test_a_refresh_token_opens_nothing(owner: User) -> None:
    client = with_token(sign_in(owner).data["refresh"])
    assert problem_of(client.get("/api/me/"))[:2] == (401, "token_invalid")


@pytest.mark.parametrize(
    "changes", [{"sid": "x"}, {"sid": None}, {"sub": "x"}, {"sub": str(uuid.uuid4())}, {"token_type": "refresh"}]
)
def test_claims_that_fit_no_session_are_refused(owner: User, changes: dict[str, str | None]) -> None:
    sign_in(owner)
    family = SessionFamily.objects.get()
    now = int(time.time())
    good = {"sub": str(owner.pk), "sid": str(family.pk), "jti": "j", "iat": now, "exp": now + 60, "ver": 1}
    token = access_backend().encode({**good, "token_type": "access"})
    assert session_of(token) == family
    client = with_token(access_backend().encode({**good, "token_type": "access", **changes}))
    assert problem_of(client.get("/api/me/"))[:2] == (401, "token_invalid")
