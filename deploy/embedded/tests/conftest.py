"""A small product: the launcher's own supervisord, with two programs that only sleep."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from halftone_servicekit.testing_servers import held_port
from launcher import auth, lifecycle, processes, ready
from launcher.settings import Settings

PROGRAMS = """
[supervisord]
nodaemon = true
pidfile = %(ENV_HALFTONE_HOME)s/run/supervisord.pid
logfile = %(ENV_HALFTONE_HOME)s/logs/supervisord.log
"""
PROGRAM = """
[program:{name}]
command = python -I -S "{leash}" {name} {command}
stdout_logfile = %(ENV_HALFTONE_HOME)s/logs/{name}.log
redirect_stderr = true
autorestart = true
startretries = 1000
stopasgroup = true
killasgroup = true
"""
# Leaves a grandchild behind when it is killed, as a pool of workers does.
SHELL = "sh -c 'sleep 1000 & wait'"


@contextmanager
def free_ports(count: int) -> Iterator[list[int]]:
    """Ports that nothing listens on, held for a server that names them."""
    with ExitStack() as held:
        yield [held.enter_context(held_port()).getsockname()[1] for _ in range(count)]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings with a home and ports of their own, from the environment; signal handlers are put back."""
    for name in [name for name in os.environ if name.startswith("HALFTONE_")]:
        monkeypatch.delenv(name)
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    monkeypatch.setenv("HALFTONE_HOME", str(tmp_path / "a home"))
    monkeypatch.setenv("HALFTONE_SAMPLE", "none")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with free_ports(len(names)) as ports:
        for name, port in zip(names, ports, strict=True):
            monkeypatch.setenv(f"HALFTONE_{name.upper()}", str(port))
        yield Settings()
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def small(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The small product, which is ready when both programs run; whatever a test leaves is ended."""
    write_programs(tmp_path / "programs.conf", one=SHELL, two="sleep 1000")
    monkeypatch.setattr(lifecycle, "PROGRAMS", tmp_path / "programs.conf")
    monkeypatch.setattr(auth, "prepare", lambda *_: "made-up")
    monkeypatch.setattr(ready, "probes", lambda _: {name: begun(settings, name) for name in ("one", "two")})
    yield settings
    lifecycle.stop(settings)


@pytest.fixture
def start(small: Settings) -> Iterator[Callable[[], None]]:
    """Starts the small product detached; a test may start it again."""
    with ExitStack() as supervisors:

        def begin() -> None:
            if supervisor := lifecycle.up(small, os.environ, detach=True):
                supervisors.enter_context(supervisor)

        yield begin
        lifecycle.stop(small)


def wait_until(look: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def write_programs(path: Path, **commands: str) -> None:
    leash = lifecycle.LEASH
    programs = [PROGRAM.format(name=name, leash=leash, command=command) for name, command in commands.items()]
    path.write_text(PROGRAMS + "".join(programs))


def begun(settings: Settings, name: str) -> ready.Probe:
    return lambda: any(record.name == name and record.alive() for record in processes.records(settings.run))


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port that someone listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that no one listens on."""
    with free_ports(1) as (port,):
        yield port
