"""What the engine for GPUs needs of a GPU: memory of its own, and a way to run the kernels of `kernels.cu`.

`gpu` has a real one, through CuPy; the tests have one that runs the same kernels, compiled for the host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np

# Threads of a block. A block of any kernel handles one tile of rows.
THREADS = 256

Memory = TypeVar("Memory")


class Device(Protocol[Memory]):
    """One card. All methods may be called from several threads at once.

    `name` what its maker calls it · `free_bytes()` what can still be taken · `allocate(size)` that many bytes, at
    an address that is a multiple of 256, with anything in them; they are free once no reference to them is left ·
    `trim()` gives back what freed memory is kept for later · `clear(memory)` sets every byte to zero ·
    `upload(memory, array)` copies a C-ordered host array to its start; the array may change once this returns ·
    `download(memory, array)` fills a C-ordered host array from its start, after everything asked before ·
    `address(memory)` where it lies, for tables that kernels read · `launch(kernel, table, tiles, entries)` runs a
    kernel with one argument, the address of a table, on a grid of tiles by entries with THREADS threads each ·
    `synchronize()` waits for everything asked before · `close()` frees what it holds.

    What is asked runs in that order, one after the other; only `download` and `synchronize` wait for it. Each method
    raises EngineError: `out_of_memory` from `allocate`, `card_lost` when the GPU or its driver no longer answers.
    """

    name: str

    def free_bytes(self) -> int: ...

    def allocate(self, size: int) -> Memory: ...

    def trim(self) -> None: ...

    def clear(self, memory: Memory) -> None: ...

    def upload(self, memory: Memory, array: np.ndarray) -> None: ...

    def download(self, memory: Memory, array: np.ndarray) -> None: ...

    def address(self, memory: Memory) -> int: ...

    def launch(self, kernel: str, table: Memory, tiles: int, entries: int) -> None: ...

    def synchronize(self) -> None: ...

    def close(self) -> None: ...
