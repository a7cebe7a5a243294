"""Becomes a program that ends with its parent and can be found again.

Called as `python -I -S leash.py NAME COMMAND…`, so it uses the standard library alone and imports nothing of ours.
It notes its process id in `$HALFTONE_HOME/run/NAME.json` (see `processes.py`), then turns into COMMAND.
With `HALFTONE_LEASH=loose` it outlives its parent: supervisord itself, when the launcher is to return.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Asks Linux for SIGTERM when the parent dies, even by SIGKILL; elsewhere the next start cleans up."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent ended first")


def started_at(pid: int) -> int | None:
    """Clock ticks from boot to the start of the process, or None when there is no such process (or no /proc)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])


def note(folder: Path, name: str, pid: int) -> None:
    """Writes `{"pid", "started", "starts"}` whole or not at all; `starts` counts the starts of this run."""
    path = folder / f"{name}.json"
    starts = json.loads(path.read_text())["starts"] if path.exists() else 0
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"pid": pid, "started": started_at(pid), "starts": starts + 1}))
    draft.replace(path)


def main(name: str, command: list[str]) -> None:
    if os.environ.pop("HALFTONE_LEASH", "") != "loose":
        end_with_parent()
    note(Path(os.environ["HALFTONE_HOME"], "run"), name, os.getpid())
    os.execvp(command[0], command)  # noqa: S606 - the command comes from our own process file


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
