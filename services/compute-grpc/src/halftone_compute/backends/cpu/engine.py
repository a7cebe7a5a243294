"""The CPU engine: Datashader for free viewports, our own compiled loops for lattice cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2
from typing_extensions import override

from halftone_compute.backends.base import Cancel, Canvas, Engine, FreeRegion, LatticeRegion, Task
from halftone_compute.backends.cpu import datashade
from halftone_compute.backends.cpu.free import FreeCanvas
from halftone_compute.backends.cpu.lattice import LatticeCanvas
from halftone_compute.backends.several import opened, parts_of
from halftone_compute.store.base import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

# Small regions to compile for.
LATTICE = LatticeRegion(0, 0.0, 0, 0.0, 4, 4)
ROW = LatticeRegion(0, 0.0, 0, 0.0, 4, 1)
FREE = FreeRegion(0.0, 4.0, 0.0, 4.0, 4, 4)

_COUNT = (compute_pb2.ACCUMULATOR_COUNT,)
_OF_VALUE = (
    compute_pb2.ACCUMULATOR_ADD,
    compute_pb2.ACCUMULATOR_MIN,
    compute_pb2.ACCUMULATOR_MAX,
    compute_pb2.ACCUMULATOR_MOMENTS,
)


class CpuEngine(Engine):
    name = "cpu"

    @override
    def needs(self, task: Task) -> int:
        return sum(_bytes(part) for part in parts_of(task))

    @override
    def open(self, task: Task) -> Canvas:
        return opened(task, _canvas)

    @override
    def warm_up(self) -> None:
        self._compile(_lattice_tasks(), Cancel())

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        self._compile(_tasks_of(FREE), cancel)

    @override
    def close(self) -> None:
        """Nothing is held between tasks."""

    def _compile(self, tasks: Iterator[tuple[Task, np.dtype[np.generic]]], cancel: Cancel) -> None:
        for task, axis in tasks:
            cancel.check()
            canvas = self.open(task)
            canvas.add(_one_row(task, axis), cancel)
            canvas.planes()


def _canvas(part: Task) -> Canvas:
    return FreeCanvas(part, part.region) if isinstance(part.region, FreeRegion) else LatticeCanvas(part, part.region)


def _bytes(part: Task) -> int:
    """The bytes of a task of at most one value accumulator."""
    if part.category is not None:
        planes = datashade.CATEGORIES if isinstance(part.region, FreeRegion) else part.categories
        return part.cells * planes * part.count_dtype.itemsize
    values = part.count_dtype.itemsize + 8 if part.of_value else 0
    if compute_pb2.ACCUMULATOR_MOMENTS in part.accumulators:
        values += 8 if isinstance(part.region, FreeRegion) else 16
    return part.cells * (part.count_dtype.itemsize + values)


def _lattice_tasks() -> Iterator[tuple[Task, np.dtype[np.generic]]]:
    yield Task(ROW, _COUNT, "x", None, 1), np.dtype(np.float64)
    yield Task(LATTICE, _COUNT, "x", "y", 1), np.dtype(np.float32)
    yield from _tasks_of(LATTICE)


def _tasks_of(region: LatticeRegion | FreeRegion) -> Iterator[tuple[Task, np.dtype[np.generic]]]:
    """One small task, and the type of its axes, for each compilation that a real task can need."""
    double = np.dtype(np.float64)
    yield Task(region, _COUNT, "x", "y", 1), double
    yield Task(region, _COUNT, "x", "y", 1, category="c", categories=1), double
    for accumulator in _OF_VALUE:
        accumulators = (*_COUNT, compute_pb2.ACCUMULATOR_VALID, accumulator)
        for dtype in (np.float64, np.int64, np.uint64):
            yield Task(region, accumulators, "x", "y", 1, value="v", value_dtype=np.dtype(dtype)), double


def _one_row(task: Task, axis: np.dtype[np.generic]) -> Block:
    values = {
        "x": np.ones(1, axis),
        "y": np.ones(1, axis),
        "v": np.ones(1, task.value_dtype or np.float64),
        "c": np.zeros(1, np.int32),
    }
    for array in values.values():
        # As stored columns are: Numba compiles once more for arrays that may be written.
        array.flags.writeable = False
    return Block(0, values, {})
