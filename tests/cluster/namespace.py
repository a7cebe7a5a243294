"""A network namespace that holds a whole cluster: its own addresses, its own processes, nothing of the machine's.

Programs enter it by `nsenter`. `ip netns exec` would remount /sys and hide the cgroups from kubelet and runc.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .until import until

ADDRESS = "192.168.77.1"


@dataclass(frozen=True)
class Process:
    """A program in the namespace: its pid, which is recorded in a file, and its log."""

    name: str
    pid: int
    log: Path
    record: Path

    def alive(self) -> bool:
        """Whether it still runs; a pid that another program got meanwhile does not count."""
        return _started(self.pid) == self.record.read_text().split()[1] if self.record.exists() else False

    def tail(self, lines: int = 20) -> str:
        """The end of its log, for messages."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def end(self, seconds: float = 10, first: signal.Signals = signal.SIGTERM) -> None:
        """Asks it to end, and kills it when it does not."""
        for number in (first, signal.SIGKILL):
            if not self.alive():
                break
            _signal(self.pid, number)
            ends = time.monotonic() + seconds
            while self.alive() and time.monotonic() < ends:
                _reap(self.pid)
                time.sleep(0.05)
        self.record.unlink(missing_ok=True)


class Namespace:
    """`create` makes it afresh, whatever an earlier run left; `destroy` may be called at any time, and again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = Path("/run/netns") / name
        self.state = Path(tempfile.gettempdir()) / "halftone-cluster" / name
        self.address = ADDRESS

    def create(self) -> None:
        """The namespace with a bridge `node0` to listen on, and a default route, which Kubernetes wants."""
        self.destroy()
        for folder in ("pids", "logs"):
            (self.state / folder).mkdir(parents=True)
        _do("ip", "netns", "add", self.name)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "add", "node0", "type", "bridge")
        self.run("ip", "address", "add", f"{ADDRESS}/24", "dev", "node0")
        self.run("ip", "link", "set", "node0", "up")
        self.run("ip", "route", "add", "default", "dev", "node0")
        self.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")

    def entering(self, *command: object) -> list[str]:
        """A command line that runs a command inside."""
        return ["nsenter", f"--net={self.path}", *map(str, command)]

    def run(self, *command: str | Path) -> str:
        """Runs a command inside to its end; raises with what it said when it fails."""
        return _do(*self.entering(*command))

    def spawn(self, name: str, command: Sequence[object], environment: dict[str, str] | None = None) -> Process:
        """Starts a program inside that runs until it is ended; `name` is that of its log and its record."""
        log = self.state / "logs" / f"{name}.log"
        with log.open("ab") as out:
            started = subprocess.Popen(
                self.entering(*command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        # nsenter becomes the program; Popen would warn about a child that outlives it.
        started.returncode = 0
        record = self.state / "pids" / name
        # It may have ended already.
        record.write_text(f"{started.pid} {_started(started.pid) or 'ended'} {time.monotonic()}")
        return Process(name, started.pid, log, record)

    def processes(self) -> list[Process]:
        """What has been started and not ended, newest first; also by a run that was killed."""
        records = sorted((self.state / "pids").glob("*"), key=lambda path: float(path.read_text().split()[2]))
        logs = self.state / "logs"
        return [
            Process(path.name, int(path.read_text().split()[0]), logs / f"{path.name}.log", path)
            for path in reversed(records)
        ]

    def destroy(self) -> None:
        """Ends what runs inside, newest first, then unmounts and removes what is left."""
        for process in self.processes():
            process.end()
        if self.path.exists():
            until(self._emptied, f"the end of all that runs in {self.name}")
            _do("ip", "netns", "delete", self.name)
        # Nothing is removed through a mount.
        until(lambda: _unmounted(self.state), f"unmounting {self.state}")
        shutil.rmtree(self.state, ignore_errors=True)

    def _emptied(self) -> bool:
        pids = _do("ip", "netns", "pids", self.name).split()
        for pid in pids:
            _signal(int(pid), signal.SIGKILL)
        return not pids


def _do(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _started(pid: int) -> str:
    """When a process started, in ticks since boot; "" for one that has ended."""
    with contextlib.suppress(OSError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if after_name[0] == "Z" else after_name[19]
    return ""


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _unmounted(folder: Path) -> bool:
    for mount in _mounts_under(folder):
        # One that is gone meanwhile went with another.
        subprocess.run(["umount", "--lazy", mount], capture_output=True, check=False)
    return not _mounts_under(folder)


def _mounts_under(folder: Path) -> list[str]:
    """Innermost first."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted((mount for mount in mounts if mount.startswith(f"{folder}/")), reverse=True)
