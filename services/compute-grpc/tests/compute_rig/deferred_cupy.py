"""What `backends/card/gpu` uses of CuPy, without a GPU: kernels run on the host, and everything as late as a GPU may.

A stream keeps what it is asked and does it when a caller waits for it; memory that was let go of is given out again at
once, with what it held. So a buffer that is filled again too early, or read too early, shows in the numbers. Names and
arguments were compared with CuPy 14.2.0 by hand; whether a driver agrees only a GPU can say.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from compute_rig.host_device import FRESH, library

if TYPE_CHECKING:
    from collections.abc import Callable

CAPACITY = 1 << 30


class CudaError(RuntimeError):
    """As CuPy's CUDARuntimeError and CUDADriverError."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class CompileException(Exception):  # noqa: N818 - named as CuPy's CompileException is
    """As CuPy's CompileException, which is no RuntimeError."""


class Stream:
    """What it is asked is done when a caller waits for it; `asked` counts that."""

    def __init__(self, *, non_blocking: bool) -> None:
        assert non_blocking, "it would wait for what others ask of the card"
        self._waiting: deque[Callable[[], object]] = deque()
        self.asked = 0
        self._lock = threading.RLock()
        self._entered = threading.local()
        self.failure: CudaError | None = None

    @property
    def is_current(self) -> bool:
        return getattr(self._entered, "times", 0) > 0

    def __enter__(self) -> Self:
        self._entered.times = getattr(self._entered, "times", 0) + 1
        return self

    def __exit__(self, *error: object) -> None:
        self._entered.times -= 1

    def ask(self, work: Callable[[], object]) -> None:
        with self._lock:
            self._waiting.append(work)
            self.asked += 1

    def synchronize(self) -> None:
        self.do_until(self.asked)

    def do_until(self, asked: int) -> None:
        """Does what was asked until so much was asked."""
        with self._lock:
            if self.failure is not None:
                raise self.failure
            while self.asked - len(self._waiting) < asked:
                self._waiting.popleft()()


class Event:
    """Happens when all that its stream was asked before is done."""

    def __init__(self, *, block: bool, disable_timing: bool) -> None:
        assert block, "waiting would take a core"
        assert disable_timing
        self._recorded: tuple[Stream, int] | None = None

    def record(self, stream: Stream) -> None:
        self._recorded = stream, stream.asked

    def synchronize(self) -> None:
        if self._recorded is not None:
            stream, asked = self._recorded
            stream.do_until(asked)


def pinned(size: int) -> Any:  # noqa: ANN401 - an array of ctypes with an attribute more
    """A buffer of the host; `ptr` is its address."""
    buffer = type("Pinned", (ctypes.c_byte * size,), {})()
    buffer.ptr = ctypes.addressof(buffer)
    return buffer


@dataclass(eq=False)
class Pointer:
    """A place in memory of the pool."""

    chunk: np.ndarray
    offset: int
    owner: object

    @property
    def ptr(self) -> int:
        return int(self.chunk.ctypes.data) + self.offset

    @property
    def mem(self) -> SimpleNamespace:
        return SimpleNamespace(size=len(self.chunk))

    def __add__(self, offset: int) -> Pointer:
        return Pointer(self.chunk, self.offset + offset, self.owner)

    def copy_from_host_async(self, source: int, size: int, stream: Stream) -> None:
        target = self._part(size)
        stream.ask(lambda: ctypes.memmove(target, source, size))

    def copy_to_host_async(self, target: int, size: int, stream: Stream) -> None:
        source = self._part(size)
        stream.ask(lambda: ctypes.memmove(target, source, size))

    def memset_async(self, value: int, size: int, stream: Stream) -> None:
        target = self._part(size)
        stream.ask(lambda: ctypes.memset(target, value, size))

    def _part(self, size: int) -> int:
        assert self.offset + size <= len(self.chunk), "past the end"
        return self.ptr


@dataclass(eq=False)
class Owner:
    """Brings its chunk back to the pool with the last reference to it."""

    pool: Pool
    chunk: np.ndarray

    def __del__(self) -> None:
        self.pool.free.setdefault(len(self.chunk), []).append(self.chunk)


@dataclass(eq=False)
class Pool:
    """Chunks of whole 512 bytes; the last one that was let go of is the first to be given out again."""

    stream: Callable[[], Stream]
    capacity: int
    free: dict[int, list[np.ndarray]] = field(default_factory=dict)
    made: list[np.ndarray] = field(default_factory=list)

    def malloc(self, size: int) -> Pointer:
        assert self.stream().is_current, "the pool would take it for memory of another stream"
        rounded = -(-size // 512) * 512
        if sum(map(len, self.made)) + rounded > self.capacity:
            raise MemoryError(f"Out of memory allocating {rounded} bytes")
        kept = self.free.get(rounded)
        chunk = kept.pop() if kept else self._new(rounded)
        return Pointer(chunk, 0, Owner(self, chunk))

    def free_bytes(self) -> int:
        return sum(size * len(kept) for size, kept in self.free.items())

    def free_all_blocks(self) -> None:
        # As cudaFree does.
        self.stream().synchronize()
        gone = {id(chunk) for kept in self.free.values() for chunk in kept}
        self.made = [chunk for chunk in self.made if id(chunk) not in gone]
        self.free.clear()

    def _new(self, size: int) -> np.ndarray:
        raw = np.full(size + 512, FRESH, np.uint8)
        start = -int(raw.ctypes.data) % 512
        chunk = raw[start : start + size]
        self.made.append(chunk)
        return chunk


class Module:
    """The kernels; `load` takes what the compiler gave."""

    def load(self, binary: bytes) -> None:
        assert binary == b"cubin"

    def get_function(self, name: str) -> Callable[..., None]:
        try:
            function = getattr(library(), name)
        except AttributeError:
            raise CudaError(500, "CUDA_ERROR_NOT_FOUND: named symbol not found") from None

        def launch(grid: tuple[int, int], block: tuple[int], arguments: tuple[np.uint64], *, stream: Stream) -> None:
            assert min(grid) > 0, "CuPy makes 1 of 0"
            (table,) = arguments
            address = ctypes.c_void_p(int(table))
            stream.ask(lambda: library().run_grid(function, address, *grid, *block))

        return launch


@dataclass
class DeferredCupy:
    """To be put in the place of the module `cupy`. `streams` and `pools` are those that it made."""

    capacity: int = CAPACITY
    devices: int = 1
    compiles: bool = True
    streams: list[Stream] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)

    @property
    def cuda(self) -> SimpleNamespace:
        return SimpleNamespace(
            runtime=SimpleNamespace(
                getDeviceCount=self._count,
                getDevice=lambda: 0,
                getDeviceProperties=lambda _: {"name": b"Deferred"},
                memGetInfo=lambda: (self.capacity - sum(map(len, self.pools[-1].made)), self.capacity),
            ),
            compiler=SimpleNamespace(compile_using_nvrtc=self._compile, CompileException=CompileException),
            function=SimpleNamespace(Module=Module),
            Stream=self._stream,
            Event=Event,
            MemoryPool=self._pool,
            alloc_pinned_memory=pinned,
        )

    def _count(self) -> int:
        if not self.devices:
            raise CudaError(100, "cudaErrorNoDevice: no CUDA-capable device is detected")
        return self.devices

    def _compile(self, source: str, options: tuple[str, ...], *, cache_in_memory: bool) -> tuple[bytes, None]:
        if not self.compiles:
            raise CompileException("kernels.cu(1): error")
        assert "__global__" in source
        assert "--fmad=false" in options
        assert cache_in_memory, "it would be written to the home folder"
        return b"cubin", None

    def _stream(self, **options: bool) -> Stream:
        self.streams.append(Stream(**options))
        return self.streams[-1]

    def _pool(self) -> Pool:
        self.pools.append(Pool(lambda: self.streams[-1], self.capacity))
        return self.pools[-1]
