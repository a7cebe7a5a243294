"""The service's programs as real processes, with a home and an environment of their own."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from auth_rig.people import PASSWORD


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Everything that a program needs; nothing of this machine's own settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("HALFTONE_", "DJANGO_"))}
    own = {
        "HALFTONE_HOME": str(home),
        "HALFTONE_SECRET_KEY": secrets.token_urlsafe(60),
        "HALFTONE_SERVICE_TOKEN": secrets.token_urlsafe(40),
        "HALFTONE_ADMIN_PASSWORD": PASSWORD,
    }
    home.mkdir(exist_ok=True)
    return {**plain, **own, **settings}


def run(given: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """A management command, to its end."""
    words = [sys.executable, "-m", "halftone_auth", *command]
    return subprocess.run(words, env=given, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def started(given: Mapping[str, str], log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that goes on; it is told to end with the block, and killed when it does not."""
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", *command], env=given, stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(true: Callable[[], bool], log: Path, seconds: float = 120) -> None:
    """Polls; fails with the log."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
