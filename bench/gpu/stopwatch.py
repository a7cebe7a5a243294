"""A device that forwards every call and times kernels from their launch until the GPU is idle again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from halftone_compute.backends.card.device import Device
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

Memory = TypeVar("Memory")


@dataclass
class Launches:
    """Number of launches, and the seconds that they took."""

    count: int = 0
    seconds: float = 0.0


@dataclass
class Stopwatch(Device[Memory]):
    """Waits before and after each launch only inside `timing`."""

    device: Device[Memory]
    launches: Launches = field(default_factory=Launches)
    is_timing: bool = False

    def __post_init__(self) -> None:
        self.name = self.device.name

    @contextmanager
    def timing(self) -> Iterator[Launches]:
        """Times the launches inside."""
        self.launches, self.is_timing = Launches(), True
        try:
            yield self.launches
        finally:
            self.is_timing = False

    @override
    def launch(self, kernel: str, table: Memory, tiles: int, entries: int) -> None:
        if not self.is_timing:
            self.device.launch(kernel, table, tiles, entries)
            return
        self.device.synchronize()
        started = time.perf_counter()
        self.device.launch(kernel, table, tiles, entries)
        self.device.synchronize()
        self.launches.count += 1
        self.launches.seconds += time.perf_counter() - started

    @override
    def free_bytes(self) -> int:
        return self.device.free_bytes()

    @override
    def allocate(self, size: int) -> Memory:
        return self.device.allocate(size)

    @override
    def trim(self) -> None:
        self.device.trim()

    @override
    def clear(self, memory: Memory) -> None:
        self.device.clear(memory)

    @override
    def upload(self, memory: Memory, array: np.ndarray) -> None:
        self.device.upload(memory, array)

    @override
    def download(self, memory: Memory, array: np.ndarray) -> None:
        self.device.download(memory, array)

    @override
    def address(self, memory: Memory) -> int:
        return self.device.address(memory)

    @override
    def synchronize(self) -> None:
        self.device.synchronize()

    @override
    def close(self) -> None:
        self.device.close()
