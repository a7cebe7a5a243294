"""What the control groups of this process allow it (versions 1 and 2): a container's limits, which the kernel's
plain counts of processors and memory do not show."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
# Version 1 tells "no limit" as the greatest multiple of the page size.
_NO_LIMIT = 1 << 60


def usable_cores(root: Path = ROOT, membership: Path = MEMBERSHIP) -> int:
    """Processors that may be used at once: of those this process may run on, as many as its quota pays for."""
    cores = len(os.sched_getaffinity(0))
    quotas = [quota for folder in _folders("cpu", root, membership) if (quota := _quota(folder)) is not None]
    # A part of a processor is still worth a thread.
    return max(1, min(cores, math.ceil(min(quotas, default=cores))))


def memory_limit(root: Path = ROOT, membership: Path = MEMBERSHIP) -> int:
    """Bytes that this process may take: the least limit of its groups, at most the machine's memory."""
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [limit for folder in _folders("memory", root, membership) if (limit := _memory(folder)) is not None]
    return min([installed, *limits])


def _folders(controller: str, root: Path, membership: Path) -> Iterator[Path]:
    """The process's own group and all above it. In a container the path may be the host's: only the top is there."""
    for line in (_read(membership) or "").splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            top = root
        elif controller in controllers.split(","):
            top = next((top for top in (root / controllers, root / controller) if top.is_dir()), root)
        else:
            continue
        own = top / path.lstrip("/")
        yield from (folder for folder in (own, *own.parents) if folder.is_relative_to(top) and folder.is_dir())


def _quota(folder: Path) -> float | None:
    """Processors of a group's quota; None without one."""
    text = _read(folder / "cpu.max")
    if text is not None:
        quota, _, period = text.partition(" ")
        return None if quota == "max" else int(quota) / int(period)
    quota, period = (_read(folder / f"cpu.cfs_{name}_us") or "" for name in ("quota", "period"))
    return int(quota) / int(period) if quota and period and int(quota) > 0 else None


def _memory(folder: Path) -> int | None:
    """Bytes of a group's limit; None without one."""
    text = _read(folder / "memory.max") or _read(folder / "memory.limit_in_bytes")
    return int(text) if text and text != "max" and int(text) < _NO_LIMIT else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
