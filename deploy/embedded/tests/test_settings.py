import pytest
from launcher.settings import Settings
from pydantic import ValidationError


def test_services_get_defaults_that_follow_home_and_ports(settings: Settings) -> None:
    given = settings.service_environment({"PATH": "/bin", "HALFTONE_LOG_LEVEL": "DEBUG"})
    assert given["HALFTONE_AUTH_URL"] == f"http://127.0.0.1:{settings.auth_port}"
    assert given["HALFTONE_ALLOWED_ORIGINS"].split(",")[0] == settings.url
    assert given["HALFTONE_DATABASE_URL"].startswith("sqlite:////")
    assert "a%20home" in given["HALFTONE_DATABASE_URL"]
    assert given["HALFTONE_SECRET_KEY_FILE"] == str(settings.folder / "secrets" / "secret-key")
    assert given["HALFTONE_LOG_LEVEL"] == "DEBUG"
    assert given["PATH"].endswith(":/bin")


def test_what_the_caller_sets_wins(settings: Settings) -> None:
    given = settings.service_environment({"HALFTONE_AUTH_URL": "http://elsewhere", "HALFTONE_SECRET_KEY": "s"})
    assert given["HALFTONE_AUTH_URL"] == "http://elsewhere"
    assert "HALFTONE_SECRET_KEY_FILE" not in given


def test_the_password_goes_to_no_service(settings: Settings) -> None:
    given = settings.service_environment({"HALFTONE_ADMIN_PASSWORD": "p", "HALFTONE_ADMIN_PASSWORD_FILE": "f"})
    assert not [name for name in given if "PASSWORD" in name]


def test_two_services_cannot_share_a_port(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_WEB_PORT", str(settings.auth_port))
    with pytest.raises(ValidationError, match="HALFTONE_AUTH_PORT and HALFTONE_WEB_PORT are both"):
        Settings()
