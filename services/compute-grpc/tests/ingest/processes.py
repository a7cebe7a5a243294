"""Processes of this machine, as the kernel lists them."""

from __future__ import annotations

import os
from pathlib import Path

_MODULE = b"halftone_compute.ingest.child"


def reading_children(parent: int | None = None) -> list[int]:
    """Process ids of the children of `parent` (this process by default) that read a file."""
    listed = Path(f"/proc/{parent or os.getpid()}/task").glob("*/children")
    return [int(pid) for threads in listed for pid in threads.read_text().split() if _MODULE in _file(pid, "cmdline")]


def is_alive(pid: int) -> bool:
    """False also for a process that ended and waits to be collected."""
    state = _file(str(pid), "stat").rpartition(b")")[2].split()
    return bool(state) and state[0] not in (b"Z", b"X")


def environment(pid: int) -> list[str]:
    """Names of the variables that a process was started with."""
    return [item.split(b"=")[0].decode() for item in _file(str(pid), "environ").split(b"\0")]


def _file(pid: str, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
