import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from halftone_auth.config import checks
from pytest_django.fixtures import Settings

GOOD = string.digits + string.ascii_letters


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (GOOD, []),
        (GOOD[:49], ["halftone.E002"]),
        ("changeme", ["halftone.E002"]),
        ("changeme" * 10, ["halftone.E002"]),
        ("django-insecure-" + GOOD, ["halftone.E002"]),
        ("x" * 60, ["halftone.E002"]),
    ],
)
def test_a_secret_key_is_long_and_unknown(settings: Settings, key: str, found: list[str]) -> None:
    settings.HALFTONE_HAS_SECRET_KEY = True
    settings.SECRET_KEY = key
    assert ids(checks.secret_key(None)) == found


def test_debug_does_not_start(settings: Settings) -> None:
    assert ids(checks.debug(None)) == []
    settings.DEBUG = True
    assert ids(checks.debug(None)) == ["halftone.E003"]


def test_revocation_cannot_be_configured_away(settings: Settings) -> None:
    assert ids(checks.sessions_can_end(None)) == []
    stock = "rest_framework_simplejwt.authentication.JWTAuthentication"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_AUTHENTICATION_CLASSES": [stock]}
    assert ids(checks.sessions_can_end(None)) == ["halftone.E004"]


@pytest.mark.parametrize(("token", "found"), [("", []), (GOOD, []), ("short", ["halftone.E005"])])
def test_a_service_token_is_none_or_a_good_one(settings: Settings, token: str, found: list[str]) -> None:
    settings.SERVICE_TOKEN = token
    assert ids(checks.service_token(None)) == found


@pytest.mark.parametrize(("key", "code"), [(None, "halftone.E001"), ("changeme", "halftone.E002")])
@pytest.mark.parametrize("command", [["-m", "halftone_auth", "check"], ["-c", "import halftone_auth.asgi"]])
def test_an_unsafe_service_does_not_start(tmp_path: Path, command: list[str], key: str | None, code: str) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("HALFTONE_", "DJANGO_"))}
    given = {"HALFTONE_SECRET_KEY": key} if key else {}
    done = subprocess.run(
        [sys.executable, *command],
        env={**plain, **given, "HALFTONE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert code in done.stderr
