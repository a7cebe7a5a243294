import statistics
import time

import pytest
from auth_rig.people import ORIGIN, PASSWORD, Answer, make_user, problem_of, sign_in, with_token
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient
from users.models import RefreshToken, SessionFamily, User
from users.tokens.cookies import NAME

pytestmark = pytest.mark.django_db


def browser(user: User) -> APIClient:
    """A client with the cookie of a browser's session."""
    client = APIClient()
    client.cookies = sign_in(user, origin=ORIGIN).cookies
    return client


def refresh(client: APIClient, body: dict[str, str] | None = None, origin: str | None = None) -> Answer:
    headers = {} if origin is None else {"Origin": origin}
    return client.post("/api/token/refresh/", body or {}, headers=headers)


class TestSignIn:
    def test_a_program_gets_both_tokens_in_the_body(self, owner: User) -> None:
        response = sign_in(owner)
        assert set(response.json()) == {"access", "expires_in", "user", "refresh"}
        assert response.json()["expires_in"] == 300
        assert response.json()["user"] == {
            "id": str(owner.pk),
            "email": owner.email,
            "name": owner.name,
            "is_staff": False,
        }
        assert not response.cookies
        assert SessionFamily.objects.get().client == "api"
        assert response.headers["Cache-Control"] == "private, no-store"

    def test_a_browser_gets_its_refresh_token_as_a_cookie(self, owner: User) -> None:
        response = sign_in(owner, origin=ORIGIN)
        assert set(response.json()) == {"access", "expires_in", "user"}
        cookie = response.cookies[NAME]
        assert cookie.key == "__Host-halftone-refresh"
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Strict")
        assert cookie["secure"] is True
        assert cookie["httponly"] is True
        assert SessionFamily.objects.get().client == "web"

    @pytest.mark.parametrize(
        "origin",
        [
            "https://app.example.evil.com",
            "http://localhost:3001",
            "http://localhost",
            "null",
            "",
            f"{ORIGIN}/",
            "https://localhost:3000",
        ],
    )
    def test_another_origin_is_refused(self, owner: User, origin: str) -> None:
        response = APIClient().post(
            "/api/token/", {"email": owner.email, "password": PASSWORD}, headers={"Origin": origin}
        )
        assert problem_of(response) == (403, "origin_refused", "")
        assert not SessionFamily.objects.exists()

    def test_the_case_of_an_e_mail_does_not_matter(self, owner: User) -> None:
        response = APIClient().post("/api/token/", {"email": f" {owner.email.upper()}", "password": PASSWORD})
        assert response.status_code == 200

    def test_wrong_unknown_and_disabled_look_the_same(self, owner: User) -> None:
        disabled = make_user("disabled")
        disabled.is_active = False
        disabled.save()
        answers = [
            sign_in(owner, password="wrong"),
            sign_in(User(email="nobody@example.org")),
            sign_in(disabled),
            sign_in(owner, password="x" * 4096),
        ]
        bodies = [{**answer.json(), "request_id": ""} for answer in answers]
        assert all(body == bodies[0] for body in bodies)
        assert {answer.status_code for answer in answers} == {401}
        assert bodies[0]["code"] == "auth_required"

    def test_unknown_users_take_as_long_as_known_ones(self, owner: User, settings: Settings) -> None:
        settings.PASSWORD_HASHERS = ["auth_rig.hashers.SlowHasher"]
        settings.LOGIN_PER_MINUTE = 1000
        owner.set_password(PASSWORD)
        owner.save()

        def seconds(user: User) -> float:
            # Of this thread's work: what other programs take from it says nothing.
            started = time.thread_time()
            assert sign_in(user, password="wrong").status_code == 401
            return time.thread_time() - started

        nobody = User(email="nobody@example.org")
        pairs = [(seconds(owner), seconds(nobody)) for _ in range(7)]
        gap = statistics.median(known - unknown for known, unknown in pairs)
        assert abs(gap) < 0.5 * statistics.median(known for known, _ in pairs)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({}, ("param_invalid", "email")),
            ({"email": "a@b.c"}, ("param_invalid", "password")),
            ({"email": 5, "password": "x"}, ("param_invalid", "email")),
            ({"email": "a@b.c", "password": ""}, ("param_invalid", "password")),
            ({"email": "a@b.c", "password": ["x"]}, ("param_invalid", "password")),
            ({"email": "a" * 255, "password": "x"}, ("param_out_of_range", "email")),
            ({"email": "a@b.c", "password": "x", "is_staff": True}, ("unknown_field", "is_staff")),
        ],
    )
    def test_odd_bodies_are_named(self, body: dict[str, object], problem: tuple[str, str]) -> None:
        assert problem_of(APIClient().post("/api/token/", body)) == (400, *problem)

    def test_deep_nesting_is_bad_json(self) -> None:
        response = APIClient().post("/api/token/", b"[" * 100_000, content_type="application/json")
        assert problem_of(response)[:2] == (400, "bad_json")

    def test_a_stale_authorization_header_does_not_matter(self, owner: User) -> None:
        client = with_token("a.b.c")
        assert client.post("/api/token/", {"email": owner.email, "password": PASSWORD}).status_code == 200


class TestRefresh:
    def test_a_program_trades_its_token(self, owner: User) -> None:
        first = sign_in(owner).data["refresh"]
        response = refresh(APIClient(), {"refresh": first})
        assert response.status_code == 200
        assert response.json()["refresh"] != first
        assert with_token(response.json()["access"]).get("/api/me/").status_code == 200

    def test_a_browser_trades_its_cookie(self, owner: User) -> None:
        client = browser(owner)
        before = client.cookies[NAME].value
        response = refresh(client, origin=ORIGIN)
        assert set(response.json()) == {"access", "expires_in", "user"}
        assert response.cookies[NAME].value != before

    @pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
    def test_a_foreign_page_cannot_use_the_cookie(self, owner: User, origin: str | None) -> None:
        response = refresh(browser(owner), origin=origin)
        assert problem_of(response) == (403, "origin_refused", "")
        assert RefreshToken.objects.filter(used_at=None).count() == 1

    def test_nothing_to_refresh(self, anonymous: APIClient) -> None:
        assert problem_of(refresh(anonymous)) == (401, "auth_required", "")

    def test_a_deleted_user_is_signed_out_and_no_bug(self, owner: User) -> None:
        token = sign_in(owner).data["refresh"]
        owner.delete()
        assert problem_of(refresh(APIClient(), {"refresh": token}))[:2] == (401, "token_invalid")

    def test_a_disabled_user_is_signed_out(self, owner: User) -> None:
        token = sign_in(owner).data["refresh"]
        User.objects.update(is_active=False)
        assert problem_of(refresh(APIClient(), {"refresh": token}))[:2] == (401, "token_invalid")

    def test_a_useless_cookie_is_taken_away(self, owner: User) -> None:
        client = browser(owner)
        SessionFamily.objects.update(revoked_at=timezone.now())
        response = refresh(client, origin=ORIGIN)
        assert response.status_code == 401
        assert response.cookies[NAME].value == ""
        assert response.cookies[NAME]["max-age"] == 0
        assert response.cookies[NAME]["secure"] is True

    def test_an_access_token_refreshes_nothing(self, owner: User) -> None:
        assert problem_of(refresh(APIClient(), {"refresh": sign_in(owner).data["access"]}))[:2] == (
            401,
            "token_invalid",
        )

    def test_a_stolen_cookie_is_no_program_s_token(self, owner: User) -> None:
        stolen = browser(owner).cookies[NAME].value
        assert problem_of(refresh(APIClient(), {"refresh": stolen}))[:2] == (401, "token_invalid")


class TestVerify:
    def test_a_live_session_s_access_token_is_good(self, owner: User) -> None:
        response = APIClient().post("/api/token/verify/", {"token": sign_in(owner).data["access"]})
        assert (response.status_code, response.json()) == (200, {})

    def test_a_refresh_token_is_not(self, owner: User) -> None:
        response = APIClient().post("/api/token/verify/", {"token": sign_in(owner).data["refresh"]})
        assert problem_of(response)[:2] == (401, "token_invalid")

    def test_nor_is_one_of_an_ended_session(self, owner: User) -> None:
        tokens = sign_in(owner).data
        APIClient().post("/api/token/revoke/", {"refresh": tokens["refresh"]})
        response = APIClient().post("/api/token/verify/", {"token": tokens["access"]})
        assert problem_of(response)[:2] == (401, "token_invalid")


class TestRevoke:
    def test_a_browser_signs_out(self, owner: User) -> None:
        response = browser(owner).post("/api/token/revoke/", {}, headers={"Origin": ORIGIN})
        assert (response.status_code, response.content) == (204, b"")
        assert response.cookies[NAME].value == ""
        assert SessionFamily.objects.get().revoked_at is not None

    def test_a_foreign_page_cannot_sign_out(self, owner: User) -> None:
        response = browser(owner).post("/api/token/revoke/", {}, headers={"Origin": "https://evil.example"})
        assert problem_of(response)[:2] == (403, "origin_refused")
        assert SessionFamily.objects.get().revoked_at is None

    @pytest.mark.parametrize("body", [{}, {"refresh": "garbage"}])
    def test_nothing_to_end_is_no_error(self, anonymous: APIClient, body: dict[str, str]) -> None:
        assert anonymous.post("/api/token/revoke/", body).status_code == 204
