"""Put into the path of Python, this fills the disk of the process that reads a file while it writes one of its files.

The file `full_at`, beside this one, names it. A half of what is written to it first has room, and nothing after that.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., int]


def _bounded(write: Write, name: str, full: list[int]) -> Write:
    def bounded(descriptor: int, data: memoryview, *place: int) -> int:
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(f"/{name}"):
            full.append(descriptor)
            return write(descriptor, data[: len(data) // 2], *place)
        return write(descriptor, data, *place)

    return bounded


if "halftone_compute.ingest.sandbox.child" in sys.orig_argv:
    _name, _full = Path(__file__).with_name("full_at").read_text(), list[int]()
    os.write, os.pwrite = _bounded(os.write, _name, _full), _bounded(os.pwrite, _name, _full)
