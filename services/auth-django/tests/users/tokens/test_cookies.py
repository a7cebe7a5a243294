from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from users.tokens.cookies import NAME, clear_refresh, set_refresh


def test_a_browser_keeps_it_and_shows_it_to_nobody() -> None:
    response = HttpResponse()
    set_refresh(response, "token", datetime.now(UTC) + timedelta(hours=12))
    header = response.cookies[NAME].OutputString()
    assert header.startswith("__Host-halftone-refresh=token; expires=")
    assert {part.strip() for part in header.split(";")} >= {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"}
    assert "Domain" not in header


def test_taking_it_away_keeps_its_attributes() -> None:
    response = HttpResponse()
    clear_refresh(response)
    header = response.cookies[NAME].OutputString()
    assert {part.strip() for part in header.split(";")} >= {
        "Max-Age=0",
        "HttpOnly",
        "Path=/",
        "SameSite=Strict",
        "Secure",
    }
