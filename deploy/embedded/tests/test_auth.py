"""The management commands run for real, against a database of their own."""

import os
import sqlite3

import pytest
from launcher import auth, folders
from launcher.settings import Settings


def test_a_first_start_makes_all_and_a_second_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folders.prepare(settings)
    environment = settings.service_environment(os.environ)
    password = auth.prepare(settings, environment)
    assert password
    assert len(password) >= 16
    assert list((settings.secrets / "signing").glob("*.pem"))
    with sqlite3.connect(settings.folder / "halftone.sqlite3") as database:
        assert database.execute("select email from users_user").fetchall() == [(settings.admin_email,)]
    database.close()
    monkeypatch.setattr(auth, "manage", lambda *arguments: pytest.fail(f"ran {arguments}"))
    assert auth.prepare(settings, environment) is None


def test_a_failed_command_says_which(settings: Settings) -> None:
    with pytest.raises(auth.CommandError, match="`python -m halftone_auth no-such-command` failed"):
        auth.manage(settings.service_environment(os.environ), "no-such-command")


def test_the_fingerprint_follows_the_migrations(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = auth.schema_fingerprint()
    (settings.folder / "users" / "migrations").mkdir(parents=True)
    (settings.folder / "users" / "migrations" / "0001_initial.py").write_text("")
    monkeypatch.setattr(auth, "SOURCES", settings.folder)
    assert auth.schema_fingerprint() != before
