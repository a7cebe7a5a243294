"""Fetching is tested against a package on disk: the sample itself is fetched by every first `make up`."""

import fcntl
import os
from pathlib import Path

import pytest
from launcher import sample
from launcher.auth import CommandError
from launcher.settings import Settings


def test_none_does_nothing(settings: Settings) -> None:
    sample.import_once(settings, os.environ)
    assert not (settings.folder / "sample").exists()


def test_offered_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_SAMPLE", "flights")
    settings.folder.mkdir()
    (settings.folder / "sample").write_text("flights\n")
    sample.import_once(Settings(), {})


def test_a_failed_fetch_says_what_to_do(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    environment = settings.service_environment(os.environ)
    with pytest.raises(CommandError, match="HALFTONE_SAMPLE=none"):
        sample.fetch(tmp_path, environment)


def test_two_starts_fetch_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "LOCK", tmp_path / "tools" / "sample.lock")
    with sample.fetching(), sample.LOCK.open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with sample.LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_failed_import_says_what_to_do(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_SAMPLE", "flights")
    monkeypatch.setattr(sample, "FLIGHTS", tmp_path / "none.parquet")
    (tmp_path / "none.parquet").touch()
    environment = {**settings.service_environment(os.environ), "DJANGO_SETTINGS_MODULE": "no.such.settings"}
    with pytest.raises(CommandError, match=r"none\.parquet cannot be imported\. HALFTONE_SAMPLE=none"):
        sample.import_once(Settings(), environment)
    assert not (settings.folder / "sample").exists()


def test_an_endless_import_is_given_up(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "halftone_auth.py").write_text("import time\ntime.sleep(1000)\n")
    environment = {**settings.service_environment(os.environ), "PYTHONPATH": str(tmp_path)}
    with pytest.raises(CommandError, match="within 0 s"):
        sample.import_file(tmp_path / "none.parquet", "none", "None", environment, 0)
