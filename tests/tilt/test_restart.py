"""deploy/tilt/restart.py keeps a process running, anew after each change."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import ROOT, wait_until

FOLDER = ROOT / "deploy" / "tilt"
SUPERVISE = "import pathlib, restart, sys; sys.exit(restart.supervise(sys.argv[2:], pathlib.Path(sys.argv[1])))"
# Reads the file beside it, says that it runs, then does what it has read: who has heard it may write another.
CHILD = """
import pathlib, sys, time
code = pathlib.Path(sys.argv[2]).read_text()
with open(sys.argv[1], "a") as starts:
    starts.write("started\\n")
exec(code)
"""


class Supervised:
    """A child under supervision, whose code is a file that a test changes."""

    def __init__(self, folder: Path, code: str) -> None:
        self.folder, self.trigger = folder, folder / "restart"
        self.write(code)
        child = [sys.executable, "-c", CHILD, str(folder / "starts"), str(folder / "code.py")]
        self.process = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(self.trigger), *child], cwd=FOLDER)

    def write(self, code: str) -> None:
        (self.folder / "code.py").write_text(code)

    def starts(self) -> int:
        file = self.folder / "starts"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def children(self) -> str:
        """Ids of the children that have not ended, or that no one has reaped."""
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()

    def started(self, times: int) -> None:
        wait_until(lambda: self.starts() == times, f"start {times}")


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    """A child that runs until it gets a signal."""
    found = Supervised(tmp_path, "time.sleep(600)")
    found.started(1)
    yield found
    found.process.terminate()
    found.process.wait(timeout=60)


def test_a_change_starts_it_anew(supervised: Supervised) -> None:
    supervised.trigger.touch()
    supervised.started(2)
    assert supervised.process.poll() is None


def test_a_broken_change_waits_for_the_next(supervised: Supervised) -> None:
    supervised.write("raise SystemExit(3)")
    # One change: a file that is written is made, then filled.
    supervised.trigger.touch()
    supervised.started(2)
    wait_until(lambda: not supervised.children(), "the end of the broken one")
    supervised.write("time.sleep(600)")
    supervised.trigger.unlink()
    supervised.started(3)
    assert supervised.process.poll() is None


def test_a_stop_reaches_the_child(supervised: Supervised) -> None:
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(timeout=60) == -signal.SIGTERM % 256
    assert supervised.starts() == 1


def test_a_trigger_that_goes_while_it_is_looked_at_is_none() -> None:
    gone = "import pathlib, restart\n"
    gone += "class Gone(type(pathlib.Path())):\n    def exists(self): return True\n"
    gone += "print(restart.touched(Gone('no-such-trigger')))"
    done = subprocess.run([sys.executable, "-c", gone], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0.0\n", "")


@pytest.mark.parametrize("status", [0, 3])
def test_an_end_without_a_change_is_its_own(tmp_path: Path, status: int) -> None:
    found = Supervised(tmp_path, f"raise SystemExit({status})")
    assert found.process.wait(timeout=60) == status
