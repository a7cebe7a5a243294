"""Processes of this machine, as the kernel lists them."""

from __future__ import annotations

import os
from pathlib import Path

from ingest_rig.waiting import until

_MODULE = b"halftone_compute.ingest.sandbox.child"


def reading_children(parent: int | None = None) -> list[int]:
    """Process ids of the children of `parent` (this process by default) that read a file."""
    process = str(parent or os.getpid())
    found = [pid.decode() for thread in _threads(process) for pid in _file(process, f"task/{thread}/children").split()]
    return [int(pid) for pid in found if _MODULE in _file(pid, "cmdline")]


def reading_child(parent: int | None = None) -> int:
    """The one child that reads a file, as soon as there is one."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = reading_children(parent)
        return bool(found)

    until(is_there)
    [child] = found
    return child


def is_alive(pid: int) -> bool:
    """False also for a process that ended and waits to be collected."""
    state = _file(str(pid), "stat").rpartition(b")")[2].split()
    return bool(state) and state[0] not in (b"Z", b"X")


def environment(pid: int) -> list[str]:
    """Names of the variables that a process was started with."""
    return [item.split(b"=")[0].decode() for item in _file(str(pid), "environ").split(b"\0")]


def _threads(pid: str) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _file(pid: str, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
