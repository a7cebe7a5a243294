"""Start, restart and stop, with real processes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from launcher import lifecycle, processes, ready
from launcher.settings import Settings

from .conftest import wait_until, write_programs

Start = Callable[[], None]

FOREGROUND = """
import os, sys
from pathlib import Path
from launcher import __main__, auth, lifecycle, processes, ready
lifecycle.PROGRAMS = Path(sys.argv[1])
auth.prepare = lambda *_: "made-up"
ready.probes = lambda settings: {
    name: lambda name=name: (settings.run / f"{name}.json").exists() for name in ("one", "two")
}
sys.exit(__main__.main(["up"]))
"""


@pytest.fixture
def foreground(small: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The small product in the foreground of another process, once it is ready."""
    with subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, str(tmp_path / "programs.conf")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as launcher:
        assert launcher.stdout
        assert "Halftone is ready" in launcher.stdout.readline()
        yield launcher
        lifecycle.stop(small)


def pids(settings: Settings) -> dict[str, int]:
    return {record.name: record.pid for record in processes.records(settings.run)}


def groups(settings: Settings) -> list[int]:
    return [pid for record in processes.records(settings.run) for pid in record.members()]


def living(pids: list[int]) -> list[int]:
    """Those that still run; a zombie has ended."""
    return [pid for pid in pids if not processes.is_zombie(pid)]


def test_start_and_stop_leave_nothing(small: Settings, start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    start()
    said = capsys.readouterr().out
    assert said.splitlines() == [
        f"Halftone is ready at http://localhost:{small.web_port}",
        "Sign in as admin@halftone.local with the password made-up (shown only this once).",
    ]
    # A program has begun before it has a child.
    wait_until(lambda: len(groups(small)) == 4)
    started = groups(small)
    assert set(pids(small)) == {"supervisord", "one", "two"}
    lifecycle.stop(small)
    assert not living(started)
    assert not list(small.run.glob("*.json"))


def test_a_second_start_says_that_it_runs(small: Settings, start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    start()
    before = pids(small)
    start()
    assert "already running" in capsys.readouterr().out
    assert pids(small) == before


def test_a_killed_program_comes_back(small: Settings, start: Start) -> None:
    start()
    before = pids(small)
    os.kill(before["two"], signal.SIGKILL)
    wait_until(lambda: pids(small)["two"] != before["two"])
    assert pids(small)["one"] == before["one"]


def test_a_start_clears_what_a_killed_supervisord_left(small: Settings, start: Start) -> None:
    start()
    left = groups(small)
    os.kill(pids(small)["supervisord"], signal.SIGKILL)
    wait_until(lambda: lifecycle.running(small.run) is None)
    start()
    assert not set(left) & set(groups(small))
    assert not living(left)


def test_a_program_that_keeps_dying_fails_the_start(
    small: Settings, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "probes", lambda _: {"one": lambda: False})
    write_programs(tmp_path / "programs.conf", one="sh -c 'echo no luck; exit 3'", two="sleep 1000")
    with pytest.raises(ready.StartFailedError, match="one ended"):
        start()
    assert "no luck" in lifecycle.last_lines(small, "one")
    assert not groups(small)


def test_a_taken_port_is_named_with_its_setting(small: Settings, busy_port: int) -> None:
    settings = small.model_copy(update={"gateway_port": busy_port})
    with pytest.raises(lifecycle.RefusedError, match=f"Port {busy_port} is in use.*HALFTONE_GATEWAY_PORT="):
        lifecycle.up(settings, os.environ, detach=True)
    assert not groups(small)


def test_two_starts_at_once_are_refused(small: Settings, start: Start) -> None:
    small.run.mkdir(parents=True)
    with lifecycle.starting(small.run), pytest.raises(lifecycle.RefusedError, match="Another"):
        start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_foreground_ends_in_order(
    small: Settings, foreground: subprocess.Popen[str], number: signal.Signals
) -> None:
    wait_until(lambda: len(groups(small)) == 4)
    started = groups(small)
    foreground.send_signal(number)
    assert foreground.wait(60) == 0
    assert not living(started)


def test_down_ends_a_foreground_run(small: Settings, foreground: subprocess.Popen[str]) -> None:
    lifecycle.stop(small)
    assert foreground.wait(60) == 0


def test_an_interrupt_just_after_it_is_ready_ends_it_in_order(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stay = lifecycle.stay

    def interrupted(settings: Settings, supervisor: subprocess.Popen[bytes]) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        stay(settings, supervisor)

    monkeypatch.setattr(lifecycle, "stay", interrupted)
    lifecycle.up(small, os.environ, detach=False)
    assert not groups(small)


def test_a_second_interrupt_does_not_skip_the_end(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stay, stop = lifecycle.stay, lifecycle.stop

    def interrupted(settings: Settings, supervisor: subprocess.Popen[bytes]) -> None:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        stay(settings, supervisor)
        supervisor.wait()

    def interrupted_again(settings: Settings) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        stop(settings)

    monkeypatch.setattr(lifecycle, "stay", interrupted)
    monkeypatch.setattr(lifecycle, "stop", interrupted_again)
    lifecycle.up(small, os.environ, detach=False)
    assert not groups(small)


def test_an_interrupt_before_supervisord_is_noted_ends_it_too(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise lifecycle.InterruptedStartError

    monkeypatch.setattr(ready, "wait", interrupted)
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as starting:
        monkeypatch.setattr(lifecycle, "spawn", lambda *_, **__: starting)
        with pytest.raises(lifecycle.InterruptedStartError):
            start()
        assert starting.returncode == -signal.SIGTERM


def test_a_killed_foreground_takes_all_with_it(small: Settings, foreground: subprocess.Popen[str]) -> None:
    foreground.kill()
    foreground.wait()
    wait_until(lambda: not groups(small))
