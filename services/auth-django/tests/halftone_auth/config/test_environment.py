import os
from ipaddress import ip_network
from pathlib import Path

import pytest
from halftone_auth.config.environment import AuthSettings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine's reaches a test."""
    for name in list(os.environ):
        if name.startswith("HALFTONE_"):
            monkeypatch.delenv(name)


def test_everything_lies_in_the_home_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HALFTONE_HOME", str(tmp_path))
    found = AuthSettings()
    assert found.database()["NAME"] == tmp_path / "halftone.sqlite3"
    assert found.storage_root() == tmp_path / "storage"
    assert found.keys_folder() == tmp_path / "keys"
    assert found.broker_path() == tmp_path / "broker"


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:///a/b.db", "a/b.db"), ("sqlite:////a/b.db", "/a/b.db"), ("sqlite:////a%20b.db", "/a b.db")],
)
def test_databases_are_files(monkeypatch: pytest.MonkeyPatch, url: str, path: str) -> None:
    monkeypatch.setenv("HALFTONE_DATABASE_URL", url)
    assert AuthSettings().database()["NAME"] == Path(path)


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "postgresql://localhost", "sqlite://", "sqlite:///", "sqlite://host/x", "x"]
)
def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HALFTONE_DATABASE_URL", url)
    with pytest.raises(ValueError, match="HALFTONE_DATABASE_URL must look like"):
        AuthSettings().database()


def test_addresses_with_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE", "BROKER", "CACHE", "BUS"):
        monkeypatch.setenv(f"HALFTONE_{name}_URL", "redis://:hidden-word@host/0")
    assert "hidden-word" not in repr(AuthSettings())


def test_origins_follow_the_web_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AuthSettings().origins() == ("http://localhost:3000", "http://127.0.0.1:3000")
    monkeypatch.setenv("HALFTONE_WEB_PORT", "3100")
    assert AuthSettings().origins() == ("http://localhost:3100", "http://127.0.0.1:3100")
    monkeypatch.setenv("HALFTONE_ALLOWED_ORIGINS", "https://a.example, https://b.example:8443")
    assert AuthSettings().origins() == ("https://a.example", "https://b.example:8443")
    assert {"a.example", "b.example", "localhost"} <= set(AuthSettings().hosts())


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AuthSettings().proxies() == ()
    monkeypatch.setenv("HALFTONE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    assert AuthSettings().proxies() == (ip_network("10.0.0.0/8"), ip_network("::1"))
    monkeypatch.setenv("HALFTONE_TRUSTED_PROXIES", "proxy")
    with pytest.raises(ValueError, match="proxy"):
        AuthSettings().proxies()


def test_secrets_come_from_files_and_are_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("very secret\n")
    monkeypatch.setenv("HALFTONE_SECRET_KEY_FILE", str(tmp_path / "key"))
    found = AuthSettings()
    assert found.secret_key is not None
    assert found.secret_key.get_secret_value() == "very secret"
    assert "very secret" not in repr(found)
