"""Finds and ends what a run started, by recorded process ids.

Every program leads a process group of its own, so its id is also the group's: what it left behind is found even after
its death. A record is believed only while it cannot mean a stranger: same id and same start time, or, once the
leader is gone, members of the group that are not older than it was.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from launcher.leash import started_at

POLL_SECONDS = 0.05
KILL_SECONDS = 10.0


@dataclass(frozen=True)
class Record:
    """One program of a run: process (and group) id, start in clock ticks since boot, and how often it has started."""

    name: str
    pid: int
    started: int | None
    starts: int

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(name=path.stem, **json.loads(path.read_text()))

    def alive(self) -> bool:
        """Whether the program itself runs; a zombie does not count."""
        return self.started is not None and started_at(self.pid) == self.started and not is_zombie(self.pid)

    def members(self) -> tuple[int, ...]:
        """Ids of the living processes of its group, itself included."""
        if self.started is None or started_at(self.pid) not in (None, self.started):
            return ()
        return tuple(pid for pid in group_members(self.pid) if (started_at(pid) or 0) >= self.started)


def group_members(group: int) -> Iterator[int]:
    """Ids of the processes in the group, zombies apart; none where there is no /proc."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            yield int(entry.name)


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def records(run: Path) -> tuple[Record, ...]:
    """Every record in the folder, in the order of names."""
    found = (recorded(path) for path in sorted(run.glob("*.json")))
    return tuple(record for record in found if record)


def recorded(path: Path) -> Record | None:
    """The record in a file, None without one: another launcher may clear the folder meanwhile."""
    try:
        return Record.read(path)
    except FileNotFoundError:
        return None


def end(record: Record, number: signal.Signals) -> None:
    """Signals the record's whole group at once; one by one, a member could fork a child in between."""
    if record.members():
        with suppress(ProcessLookupError):
            os.killpg(record.pid, number)


def wait_until_gone(found: tuple[Record, ...], seconds: float) -> tuple[Record, ...]:
    """Waits until no group of the records has a member; returns those that still have one when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        left = tuple(record for record in found if record.members())
        if not left or time.monotonic() >= deadline:
            return left
        time.sleep(POLL_SECONDS)


def clear(run: Path, seconds: float = 10) -> None:
    """Ends all processes of the records, after `seconds` by force, and removes the records."""
    left = records(run)
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, KILL_SECONDS)):
        for record in left:
            end(record, number)
        left = wait_until_gone(left, patience)
    if left:
        raise RuntimeError(f"cannot end {', '.join(f'{record.name} ({record.members()})' for record in left)}")
    for path in run.glob("*.json"):
        path.unlink(missing_ok=True)
