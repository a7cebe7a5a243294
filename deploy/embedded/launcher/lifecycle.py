"""The life of an embedded Halftone: start everything, wait, stop everything."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from launcher import auth, folders, ports, processes, ready, sample
from launcher.processes import Record
from launcher.settings import ROOT, Settings

PROGRAMS = ROOT / "deploy" / "embedded" / "supervisord.conf"
LEASH = Path(__file__).with_name("leash.py")
STOP_SECONDS = 20
LOG_LINES = 25
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RefusedError(Exception):
    """The start cannot begin; the message says why and what to do."""


class InterruptedStartError(Exception):
    """A signal from the person or the terminal stopped the start."""


def up(settings: Settings, environment: Mapping[str, str], *, detach: bool) -> subprocess.Popen[bytes] | None:
    """Starts everything. Returns once ready when detached, else when all has ended.

    Raises RefusedError, StartFailedError, CommandError or InterruptedStartError; nothing is left running then.
    Returns supervisord, None when one was running already.
    """
    folders.prepare(settings)
    with starting(settings.run):
        if running(settings.run):
            print(f"Halftone is already running at {settings.url} (`make down` stops it).")
            return None
        processes.clear(settings.run)
        refuse_taken_ports(settings)
        on_interrupt(interrupt)
        supervisor = start(settings, settings.service_environment(environment), detach=detach)
    if not detach:
        stay(settings, supervisor)
    return supervisor


def start(settings: Settings, environment: Mapping[str, str], *, detach: bool) -> subprocess.Popen[bytes]:
    """Prepares the database, starts the programs, waits for them, imports the sample and says how to sign in."""
    made_up = auth.prepare(settings, environment)
    supervisor = spawn(settings, environment, detach=detach)
    try:
        ready.wait(ready.probes(settings), settings, lambda: supervisor.poll() is None)
        sample.import_once(settings, environment)
        if not detach:
            # From here on it is an end in order: `stay` sees supervisord go, even if it waits only then.
            on_interrupt(lambda *_: supervisor.terminate())
        print(f"Halftone is ready at {settings.url}")
    except BaseException:
        # `stop` knows it by its record, which it may not have made yet.
        supervisor.terminate()
        stop(settings)
        supervisor.wait()
        raise
    finally:
        # Shown even when the start fails: the password is known nowhere else.
        print(sign_in(settings, made_up), flush=True)
    if not detach:
        print("Ctrl-C stops it.", flush=True)
    return supervisor


def sign_in(settings: Settings, made_up: str | None) -> str:
    """One sentence on how to sign in; a generated password appears in it, and nowhere else."""
    if made_up:
        return f"Sign in as {settings.admin_email} with the password {made_up} (shown only this once)."
    if settings.admin_password:
        return f"Sign in as {settings.admin_email} with the HALFTONE_ADMIN_PASSWORD of the first start."
    return f"Sign in as {settings.admin_email} with the password of the first start."


def spawn(settings: Settings, environment: Mapping[str, str], *, detach: bool) -> subprocess.Popen[bytes]:
    """Starts supervisord in a session of its own: Ctrl-C reaches only the launcher, which then stops in order."""
    leash = [sys.executable, "-I", "-S", str(LEASH), "supervisord"]
    with open(settings.logs / "supervisord.out", "wb") as output:
        return subprocess.Popen(
            [*leash, "supervisord", "--configuration", str(PROGRAMS)],
            cwd=ROOT,
            env={**environment, "HALFTONE_LEASH": "loose" if detach else "tight"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stay(settings: Settings, supervisor: subprocess.Popen[bytes]) -> None:
    """Waits for the end of supervisord: by `make down`, by Ctrl-C, or by its death, which is an error."""
    try:
        on_interrupt(interrupt)
        code = supervisor.wait()
    except InterruptedStartError:
        print("Stopping ...", flush=True)
        code = 0
    stop(settings)
    if code:
        raise ready.StartFailedError("supervisord", f"ended with status {code}")


def stop(settings: Settings) -> None:
    """Ends supervisord, which ends its programs, then all processes that are left. Ignores interrupts until then."""
    on_interrupt(signal.SIG_IGN)
    if supervisor := running(settings.run):
        with suppress(ProcessLookupError):
            os.kill(supervisor.pid, signal.SIGTERM)
        processes.wait_until_gone((supervisor,), STOP_SECONDS)
    processes.clear(settings.run)


def running(run: Path) -> Record | None:
    """The record of a living supervisord, if there is one."""
    record = processes.recorded(run / "supervisord.json")
    return record if record and record.alive() else None


def refuse_taken_ports(settings: Settings) -> None:
    taken = ports.taken(settings.ports())
    if taken:
        lines = [
            f"Port {port} is in use; stop what uses it, or choose another: {name}=…" for name, port in taken.items()
        ]
        raise RefusedError("\n".join(lines))


@contextmanager
def starting(run: Path) -> Iterator[None]:
    """Holds the right to start: two starts at once would clear away each other's processes."""
    with open(run / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError("Another `make up` is starting Halftone in the same folder.") from None
        yield


def on_interrupt(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for number in INTERRUPTS:
        signal.signal(number, handler)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Begins the shutdown, which a second interrupt must not cut short."""
    on_interrupt(signal.SIG_IGN)
    raise InterruptedStartError


def last_lines(settings: Settings, name: str) -> str:
    """The end of a program's log, for a person to read; empty when there is none."""
    path = settings.logs / ("supervisord.out" if name == "supervisord" else f"{name}.log")
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-LOG_LINES:])
