from pathlib import Path

import pytest
from launcher import __main__, ready
from launcher.settings import Settings

from .conftest import write_programs


def test_a_bad_port_is_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALFTONE_WEB_PORT", "70000")
    assert __main__.main(["up"]) == 2
    assert capsys.readouterr().err == "HALFTONE_WEB_PORT=70000: Input should be less than or equal to 65535\n"


def test_shared_ports_are_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALFTONE_WEB_PORT", str(settings.auth_port))
    assert __main__.main(["up"]) == 2
    assert capsys.readouterr().err.startswith("HALFTONE_AUTH_PORT and HALFTONE_WEB_PORT are both")


def test_a_secret_named_twice_is_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALFTONE_ADMIN_PASSWORD", "a")
    monkeypatch.setenv("HALFTONE_ADMIN_PASSWORD_FILE", "b")
    assert __main__.main(["up"]) == 2
    assert "both set" in capsys.readouterr().err


def test_a_taken_port(
    settings: Settings, busy_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALFTONE_WEB_PORT", str(busy_port))
    assert __main__.main(["up"]) == 2
    assert "HALFTONE_WEB_PORT=" in capsys.readouterr().err


def test_a_program_that_dies_shows_its_log(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ready, "probes", lambda _: {"one": lambda: False})
    write_programs(tmp_path / "programs.conf", one="sh -c 'echo no luck; exit 3'", two="sleep 1000")
    assert __main__.main(["up", "--detach"]) == 1
    assert "no luck\none ended" in capsys.readouterr().err


def test_down_without_anything_is_quiet(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["down"]) == 0
    assert capsys.readouterr() == ("", "")
