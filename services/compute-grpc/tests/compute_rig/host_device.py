"""A device without a GPU: `kernels.cu` compiled by the machine's C++ compiler, run one thread after the other.

It proves the arithmetic of the kernels and everything around them. It proves nothing about a GPU: neither speed nor
what threads do to each other.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from halftone_compute.backends.base import EngineError
from halftone_compute.backends.card.device import THREADS, Device
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

SHIM = Path(__file__).parent / "host_shim.h"
SOURCE = files("halftone_compute.backends.card").joinpath("kernels.cu")
# Undefined behaviour (overflow, shifts, conversions) ends the process. Multiply and add stay two roundings.
OPTIONS = (
    *("-std=c++17", "-O2", "-ffp-contract=off", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror"),
    *("-Wno-unknown-pragmas", "-fsanitize=undefined,float-cast-overflow", "-fsanitize-undefined-trap-on-error"),
)
# What memory holds before anyone has written to it, and what follows its end.
FRESH, GUARD = 0xAB, 256


@dataclass(eq=False)
class HostMemory:
    """`size` bytes, then a guard that no kernel may write to."""

    size: int

    def __post_init__(self) -> None:
        self.bytes = np.full(self.size + GUARD, FRESH, np.uint8)
        self.address = int(self.bytes.ctypes.data)

    def check(self) -> None:
        """Raises AssertionError when a kernel has written past the end."""
        assert np.all(self.bytes[self.size :] == FRESH), "written past the end"


def always(size: int) -> None:
    """The gate of a GPU that never lacks anything."""
    del size


@dataclass
class HostDevice(Device[HostMemory]):
    """`gate` is asked before every allocation, and may raise what a driver would; `launching` before every launch.

    `launched` holds every launch: kernel, tiles, entries. `uploaded` counts bytes.
    """

    capacity: int = 1 << 30
    gate: Callable[[int], None] = always
    launching: Callable[[int], None] = always
    name: str = "host"
    launched: list[tuple[str, int, int]] = field(default_factory=list)
    trims: int = 0
    uploaded: int = 0

    def __post_init__(self) -> None:
        self._library = library()
        # One stream: what is asked runs one after the other.
        self._stream = threading.RLock()

    @override
    def free_bytes(self) -> int:
        return self.capacity

    @override
    def allocate(self, size: int) -> HostMemory:
        self.gate(size)
        if size > self.capacity:
            raise EngineError("out_of_memory", f"{size} bytes of {self.capacity}")
        return HostMemory(size)

    @override
    def trim(self) -> None:
        self.trims += 1

    @override
    def clear(self, memory: HostMemory) -> None:
        memory.bytes[: memory.size] = 0

    @override
    def upload(self, memory: HostMemory, array: np.ndarray) -> None:
        assert array.flags.c_contiguous
        assert array.nbytes <= memory.size
        self.uploaded += array.nbytes
        memory.bytes[: array.nbytes] = array.reshape(-1).view(np.uint8)

    @override
    def download(self, memory: HostMemory, array: np.ndarray) -> None:
        memory.check()
        array.reshape(-1).view(np.uint8)[:] = memory.bytes[: array.nbytes]

    @override
    def address(self, memory: HostMemory) -> int:
        return memory.address

    @override
    def launch(self, kernel: str, table: HostMemory, tiles: int, entries: int) -> None:
        with self._stream:
            self.launching(entries)
            self.launched.append((kernel, tiles, entries))
            function = getattr(self._library, kernel)
            self._library.run_grid(function, ctypes.c_void_p(self.address(table)), tiles, entries, THREADS)

    @override
    def synchronize(self) -> None:
        with self._stream:
            pass

    @override
    def close(self) -> None:
        """Nothing is held."""


@cache
def library() -> ctypes.CDLL:
    """The kernels, compiled once for each state of the sources."""
    state = hashlib.sha256("".join((*OPTIONS, SOURCE.read_text(), SHIM.read_text())).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"halftone-kernels-{os.getuid()}" / f"{state}.so"
    if not path.exists():
        compile_to(path)
    return ctypes.CDLL(str(path))


def compile_to(path: Path) -> None:
    """Raises RuntimeError without a compiler, CalledProcessError with its words for a source it does not take."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        raise RuntimeError("The kernels' tests need a C++ compiler: apt-get install g++")
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    source = ["-x", "c++", "-include", str(SHIM), str(SOURCE)]
    subprocess.run([compiler, *OPTIONS, *source, "-o", str(fresh)], check=True, capture_output=True, text=True)
    fresh.replace(path)
