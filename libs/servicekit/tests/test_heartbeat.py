import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from halftone_servicekit import heartbeat
from halftone_servicekit.heartbeat import VARIABLE, Heartbeat, age, main


def test_a_young_file_is_a_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "beat"
    monkeypatch.setenv(VARIABLE, str(file))
    assert main(["--max-age", "60"]) == 1
    Heartbeat(file).beat()
    assert main(["--max-age", "60"]) == 0


@pytest.mark.parametrize("shift", [-61, 61])
def test_an_old_or_a_future_file_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shift: int
) -> None:
    file = tmp_path / "beat"
    file.touch()
    now = time.time()
    os.utime(file, (now + shift,) * 2)
    monkeypatch.setattr(heartbeat, "time", SimpleNamespace(time=lambda: now))
    monkeypatch.setenv(VARIABLE, str(file))
    assert main([]) == 1
    assert "the last beat was 61 s ago" in capsys.readouterr().err


def test_without_its_variable_it_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main([]) == 1
    assert VARIABLE in capsys.readouterr().err


def test_a_loop_that_turns_fast_touches_seldom(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    seldom = Heartbeat(file, every_s=60)
    seldom.beat()
    file.unlink()
    seldom.beat()
    assert not file.exists()
    eager = Heartbeat(file, every_s=0)
    eager.beat()
    assert file.exists()


def test_what_cannot_be_touched_ends_no_loop(tmp_path: Path) -> None:
    Heartbeat(None).beat()
    Heartbeat(tmp_path / "no" / "folder").beat()
    assert age(tmp_path / "no" / "folder") == float("inf")


def test_the_probe_starts_with_the_standard_library_alone(tmp_path: Path) -> None:
    file = tmp_path / "beat"
    file.touch()
    code = "import sys; from halftone_servicekit import heartbeat; code = heartbeat.main([])\n"
    heavy = "print([name for name in ('pydantic', 'structlog', 'celery', 'django') if name in sys.modules]); exit(code)"
    environment = {**os.environ, VARIABLE: str(file)}
    done = subprocess.run(
        [sys.executable, "-c", code + heavy], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n")
    probe = [sys.executable, "-m", "halftone_servicekit.heartbeat", "--max-age", "60"]
    assert subprocess.run(probe, env=environment, timeout=60, check=False).returncode == 0
