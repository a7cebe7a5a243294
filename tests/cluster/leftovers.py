"""What a node leaves on the machine, and how it is taken away: processes, cgroups, mounts.

Nothing here asks what the node remembers: it works as well for a node whose test run was killed.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .until import until


def processes(program: str, folder: Path) -> list[int]:
    """Process ids of a program (or Python module) that runs with a path inside `folder` on its command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        named = arguments[2] if arguments[1:2] == ["-m"] else Path(arguments[0]).name
        if named == program and any(f"{folder}/" in argument for argument in arguments[1:]):
            found.append(int(entry.name))
    return found


def end(alive: Callable[[], list[int]], what: str, seconds: float = 60) -> None:
    """Kill what `alive` finds until it finds nothing; what dies may have been starting something."""

    def none_left() -> bool:
        pids = alive()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return not pids

    until(none_left, f"the end of {what}", seconds)


def hierarchies() -> list[Path]:
    """Where cgroups are mounted: one folder for each controller (version 1), or the one of version 2."""
    kinds = {"cgroup", "cgroup2"}
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [Path(fields[1]) for fields in mounts if fields[2] in kinds]


def cgroup_processes(name: str) -> list[int]:
    """Process ids inside the cgroup `name` and all cgroups below it."""
    pids: set[int] = set()
    for root in hierarchies():
        for folder in _cgroups(root / name):
            try:
                pids.update(int(line) for line in (folder / "cgroup.procs").read_text().split())
            except OSError:
                continue
    # 0: a process of another process namespace, which is not ours to end.
    return sorted(pids - {0})


def make_cgroup(name: str) -> None:
    """Make the cgroup `name` in each hierarchy; kubelet wants the root of its own to be there."""
    for root in hierarchies():
        folder = root / name
        folder.mkdir(exist_ok=True)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            # Empty in a new cgroup of version 1, and then no process may enter.
            if root.name == "cpuset" and not (folder / setting).read_text().strip():
                (folder / setting).write_text((root / setting).read_text())


def remove_cgroup(name: str) -> None:
    """Remove the cgroup `name` from each hierarchy, innermost folders first."""
    for root in hierarchies():
        for cgroup in reversed(_cgroups(root / name)):
            until(partial(_removed, cgroup), f"removing {cgroup}")


def _cgroups(top: Path) -> list[Path]:
    """A cgroup and all below it, outermost first; empty when there is none. Any of them may go away meanwhile."""
    return [Path(folder) for folder, _, _ in os.walk(top)]


def _removed(cgroup: Path) -> bool:
    try:
        cgroup.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def mounts_below(folder: Path) -> list[str]:
    """Mount points inside `folder`, innermost first."""
    points = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [point for point in reversed(points) if point.startswith(f"{folder}/")]


def remove_folder(folder: Path) -> None:
    """Unmount all that is mounted inside `folder`, then remove it."""
    for point in mounts_below(folder):
        subprocess.run(["umount", "--lazy", point], check=False)
    until(lambda: not mounts_below(folder), f"unmounting {folder}")
    shutil.rmtree(folder, ignore_errors=True)


def remove_links(folder: Path, into: Path) -> None:
    """Remove the links of `folder` that point into another one."""
    for link in folder.glob("*"):
        if link.is_symlink() and link.readlink().is_relative_to(into):
            link.unlink()


def remove_files(folder: Path, pattern: str) -> None:
    """Remove the files of `folder` whose names fit a pattern."""
    for file in folder.glob(pattern):
        file.unlink(missing_ok=True)
