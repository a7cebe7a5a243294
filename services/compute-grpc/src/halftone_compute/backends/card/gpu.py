"""A real GPU, through CuPy. The only module that imports it, and only once a GPU is asked for."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from halftone.v1.compute_pb2 import ACCUMULATOR_COUNT
from typing_extensions import override

from halftone_compute.backends.base import Cancel, EngineError, LatticeRegion, Task
from halftone_compute.backends.card import kernels_cu
from halftone_compute.backends.card.device import THREADS, Device
from halftone_compute.backends.card.engine import CardEngine
from halftone_compute.store.base import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.backends.base import Reason

# A cupy.cuda.MemoryPointer; CuPy has no types.
Pointer: TypeAlias = Any

# Pinned buffers on the way to the GPU, and as many on the way back.
SLOTS = 4
SLOT_BYTES = 8 << 20
# cudaErrorMemoryAllocation and CUDA_ERROR_OUT_OF_MEMORY.
_OUT_OF_MEMORY = 2
# Of the free memory: what columns may take when no setting says it, and at least that.
_SHARE, _LEAST_SHARE = 0.8, 0.25


def open_gpu(budget_bytes: int | None, reserved_bytes: int) -> CardEngine[Pointer]:
    """The engine on the first GPU that CuPy sees, after it has counted a few rows right.

    `budget_bytes`: what columns may take of its memory; None: most of what is free, less `reserved_bytes` for planes.
    Raises EngineError `card_lost`, with the cause in words, when there is no GPU that works.
    """
    return engine_on(CupyDevice(), budget_bytes, reserved_bytes)


def engine_on(device: Device[Pointer], budget_bytes: int | None, reserved_bytes: int) -> CardEngine[Pointer]:
    """As `open_gpu`, on this device."""
    if budget_bytes is None:
        budget_bytes = default_budget(device.free_bytes(), reserved_bytes)
    backend = CardEngine(device, budget_bytes)
    try:
        check(backend)
    except BaseException:
        backend.close()
        raise
    return backend


def default_budget(free_bytes: int, reserved_bytes: int) -> int:
    """Bytes for columns on a GPU with so much free memory."""
    return int(max(free_bytes * _SHARE - reserved_bytes, free_bytes * _LEAST_SHARE))


def check(backend: CardEngine[Any]) -> None:
    """Counts a few rows, some as near to the edge of a cell as a float32 can be. Raises EngineError `card_lost`."""
    x = np.array([-1.5, -1e-45, 0.0, 1e-45, 0.5, 0.5, 2.5, 9.0, np.nan], np.float32)
    block = Block(0, {"x": x, "y": np.zeros(len(x), np.float32)}, {})
    canvas = backend.open(Task(LatticeRegion(0, -2.0, 0, 0.0, 5, 1), (ACCUMULATOR_COUNT,), "x", "y", len(x)))
    canvas.add(block, Cancel())
    (plane,) = canvas.planes()
    if plane.cells.tolist() != [[1, 1, 4, 0, 1]]:
        raise EngineError("card_lost", f"{backend.device.name} counts wrong: {plane.cells.tolist()}")


def reason_of(error: BaseException) -> Reason:
    """Whether an error of CuPy, of the driver or of the runtime concerns one task or the card."""
    is_memory = isinstance(error, MemoryError) or getattr(error, "status", None) == _OUT_OF_MEMORY
    return "out_of_memory" if is_memory else "card_lost"


@contextmanager
def asking() -> Iterator[None]:
    """Turns what CuPy raises into EngineError: all of it is MemoryError, RuntimeError, or of an import."""
    try:
        yield
    except (MemoryError, RuntimeError, ImportError, OSError) as error:
        raise EngineError(reason_of(error), f"{type(error).__name__}: {error}") from error


class CupyDevice(Device[Pointer]):
    """The first card. It has a pool of its own, and one stream on which everything is asked.

    So memory that was let go of may be given out at once: whatever still reads it runs before what writes it.
    """

    def __init__(self) -> None:
        """Raises EngineError `card_lost`."""
        with asking():
            self._cuda: Any = _cupy().cuda
            # First of all, for it fails cleanly where there is no driver.
            self._cuda.runtime.getDeviceCount()
            properties = self._cuda.runtime.getDeviceProperties(self._cuda.runtime.getDevice())
            self.name = properties["name"].decode()
            self._stream = self._cuda.Stream(non_blocking=True)
            self._pool = self._cuda.MemoryPool()
            self._upward, self._downward = (Ring(self._cuda, self._stream) for _ in range(2))
            self._module = self._loaded()
            self._functions: dict[str, Any] = {}

    @override
    def free_bytes(self) -> int:
        with asking():
            free, _ = self._cuda.runtime.memGetInfo()
            return int(free) + int(self._pool.free_bytes())

    @override
    def allocate(self, size: int) -> Pointer:
        # The pool keeps what is freed by the stream that is current.
        with asking(), self._stream:
            return self._pool.malloc(size)

    @override
    def trim(self) -> None:
        with asking():
            self._pool.free_all_blocks()

    @override
    def clear(self, memory: Pointer) -> None:
        with asking():
            memory.memset_async(0, memory.mem.size, self._stream)

    @override
    def upload(self, memory: Pointer, array: np.ndarray) -> None:
        with asking():
            for start, part in _parts(array):
                with self._upward.slot() as slot:
                    slot.bytes[: len(part)] = part
                    (memory + start).copy_from_host_async(slot.pinned.ptr, len(part), self._stream)

    @override
    def download(self, memory: Pointer, array: np.ndarray) -> None:
        with asking():
            for start, part in _parts(array):
                with self._downward.slot() as slot:
                    (memory + start).copy_to_host_async(slot.pinned.ptr, len(part), self._stream)
                    slot.event.record(self._stream)
                    slot.event.synchronize()
                    part[:] = slot.bytes[: len(part)]

    @override
    def address(self, memory: Pointer) -> int:
        return int(memory.ptr)

    @override
    def launch(self, kernel: str, table: Pointer, tiles: int, entries: int) -> None:
        # CuPy makes a grid of none one of one.
        if not tiles or not entries:
            return
        with asking():
            function = self._functions.get(kernel) or self._module.get_function(kernel)
            self._functions[kernel] = function
            function((tiles, entries), (THREADS,), (np.uint64(table.ptr),), stream=self._stream)

    @override
    def synchronize(self) -> None:
        with asking():
            self._stream.synchronize()

    @override
    def close(self) -> None:
        """Gives back memory without references; the buffers go with the last reference to the device."""
        self.synchronize()
        self.trim()

    def _loaded(self) -> Any:  # noqa: ANN401 - a cupy.cuda.function.Module
        """The kernels, compiled for this card. Not as RawModule does, which flushes small float32 numbers to zero."""
        compiler = self._cuda.compiler
        try:
            binary, _ = compiler.compile_using_nvrtc(kernels_cu.source(), kernels_cu.OPTIONS, cache_in_memory=True)
        except compiler.CompileException as error:
            raise EngineError("card_lost", f"the kernels do not compile: {error}") from error
        module = self._cuda.function.Module()
        module.load(binary)
        return module


@dataclass(frozen=True, slots=True)
class Slot:
    """A pinned buffer of SLOT_BYTES, seen as `bytes`; `event` happens when the GPU no longer uses it."""

    pinned: Any
    bytes: np.ndarray
    event: Any


class Ring:
    """Pinned buffers that take turns: the host fills one while the GPU reads the others."""

    def __init__(self, cuda: Any, stream: Any) -> None:  # noqa: ANN401 - cupy.cuda, and a Stream of it
        self._stream = stream
        self._free: SimpleQueue[Slot] = SimpleQueue()
        for _ in range(SLOTS):
            pinned = cuda.alloc_pinned_memory(SLOT_BYTES)
            seen = np.frombuffer(pinned, np.uint8, SLOT_BYTES)
            self._free.put(Slot(pinned, seen, cuda.Event(block=True, disable_timing=True)))

    @contextmanager
    def slot(self) -> Iterator[Slot]:
        """The buffer that was used longest ago, once the GPU has done with it. What is asked inside uses it."""
        slot = self._free.get()
        try:
            slot.event.synchronize()
            yield slot
            slot.event.record(self._stream)
        finally:
            self._free.put(slot)


def _parts(array: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """(offset in bytes, bytes that one slot holds) over a C-ordered array, without a copy."""
    whole = np.ndarray(array.nbytes, np.uint8, buffer=array)
    for start in range(0, len(whole), SLOT_BYTES):
        yield start, whole[start : start + SLOT_BYTES]


def _cupy() -> Any:  # noqa: ANN401 - the package
    # At import, CuPy makes a folder for compiled kernels in the home folder, which a pod must not write to. Nothing
    # of ours goes there.
    os.environ.setdefault("CUPY_CACHE_DIR", tempfile.gettempdir())
    try:
        import cupy
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise
        raise EngineError("card_lost", "CuPy is not installed: pip install halftone-compute[gpu]") from error
    return cupy
