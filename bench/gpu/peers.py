"""Peers on the GPU: copies of its memory, CuPy's histogram, Datashader on cuDF. Needs CuPy."""

from __future__ import annotations

import statistics
from importlib import import_module
from typing import TYPE_CHECKING, Any

import cupy
import datashader as ds

from bench.gpu.points import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.gpu.points import Columns

_COPIED = 1 << 30
_ROUNDS = 20


def device_facts() -> dict[str, Any]:
    """The GPU, its driver and its memory."""
    runtime = cupy.cuda.runtime
    properties = runtime.getDeviceProperties(runtime.getDevice())
    _, total = runtime.memGetInfo()
    return {
        "device": properties["name"].decode(),
        "driver": runtime.driverGetVersion(),
        "memory_bytes": total,
        "multiprocessors": properties["multiProcessorCount"],
        "cupy": cupy.__version__,
    }


def copy_bytes_per_second() -> float:
    """Bytes a second that a copy within GPU memory reads and writes."""
    pool, stream = cupy.cuda.MemoryPool(), cupy.cuda.Stream(non_blocking=True)
    with stream:
        source, target = pool.malloc(_COPIED), pool.malloc(_COPIED)
    spent = [_seconds(lambda: target.copy_from_device_async(source, _COPIED, stream), stream) for _ in range(_ROUNDS)]
    return 2 * _COPIED / statistics.median(spent[1:])


class CardPeers:
    """Each peer has the columns in GPU memory before its time begins."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds

    def histogram(self, columns: Columns) -> float | str:
        def work() -> float:
            x, y = (cupy.asarray(columns[name]) for name in "xy")
            edges = [(0, WIDTH), (0, HEIGHT)]
            return self._median(lambda: cupy.histogram2d(x, y, bins=[WIDTH, HEIGHT], range=edges))

        return _tried(work)

    def datashader(self, columns: Columns) -> float | str:
        try:
            cudf = import_module("cudf")
        except ImportError:
            return "cuDF is not installed"

        def work() -> float:
            table = cudf.DataFrame({name: cupy.asarray(columns[name]) for name in "xy"})
            canvas = ds.Canvas(WIDTH, HEIGHT, (0, WIDTH), (0, HEIGHT))
            return self._median(lambda: canvas.points(table, "x", "y", ds.count()))

        return _tried(work)

    def _median(self, work: Callable[[], object]) -> float:
        stream = cupy.cuda.get_current_stream()
        return statistics.median([_seconds(work, stream) for _ in range(self._rounds + 1)][1:])


def _tried(work: Callable[[], float]) -> float | str:
    try:
        return work()
    except MemoryError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        cupy.get_default_memory_pool().free_all_blocks()


def _seconds(work: Callable[[], object], stream: Any) -> float:  # noqa: ANN401 - a cupy.cuda.Stream
    began, ended = cupy.cuda.Event(), cupy.cuda.Event()
    began.record(stream)
    work()
    ended.record(stream)
    ended.synchronize()
    return float(cupy.cuda.get_elapsed_time(began, ended)) / 1e3
