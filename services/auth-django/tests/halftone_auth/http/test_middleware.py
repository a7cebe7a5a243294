import pytest
from halftone_auth.http.middleware import policy_of, request_id
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("given", ["abcdefgh", "0123456789abcdef0123456789abcdef", "a-b_c-d_e"])
def test_a_harmless_request_id_is_kept(anonymous: APIClient, given: str) -> None:
    assert anonymous.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "<script>alert(1)</script>", "a b c d e f"])
def test_any_other_is_replaced(anonymous: APIClient, given: str) -> None:
    answer = anonymous.get("/healthz", headers={"X-Request-Id": given})
    assert len(answer.headers["X-Request-Id"]) == 32
    assert request_id() == ""


def test_answers_are_data_and_stay_private(api: APIClient) -> None:
    headers = api.get("/api/me/").headers
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_no_page_may_run_foreign_code() -> None:
    for path in ("/admin/", "/api/docs/"):
        assert "default-src 'self'" in policy_of(path)
        assert "object-src 'none'" in policy_of(path)


def test_only_allowed_origins_may_read_answers(api: APIClient) -> None:
    good = api.get("/api/me/", headers={"Origin": "http://localhost:3000"})
    assert good.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    bad = api.get("/api/me/", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in bad.headers
