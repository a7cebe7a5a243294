"""The CPU engine: compiled loops, by Datashader's formula in free viewports."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2
from typing_extensions import override

from halftone_compute.backends.base import COUNTS, Cancel, Canvas, Engine, FreeRegion, LatticeRegion, Task, ordered
from halftone_compute.backends.cpu.canvas import LoopCanvas
from halftone_compute.backends.cpu.free import free_cells
from halftone_compute.backends.cpu.lattice import lattice_cells
from halftone_compute.backends.several import opened, parts_of
from halftone_compute.store.base import ROW_NUMBER, Block

if TYPE_CHECKING:
    from collections.abc import Iterator

# Small regions to compile for.
LATTICE = LatticeRegion(0, 0.0, 0, 0.0, 4, 4)
ROW = LatticeRegion(0, 0.0, 0, 0.0, 4, 1)
FREE = FreeRegion(0.0, 4.0, 0.0, 4.0, 4, 4)

# A small task, and the type of its axes.
_Case: TypeAlias = "tuple[Task, np.dtype[np.generic]]"

_COUNT = (compute_pb2.ACCUMULATOR_COUNT,)
_SUM = (*COUNTS, compute_pb2.ACCUMULATOR_ADD)
_OF_VALUE = (
    compute_pb2.ACCUMULATOR_ADD,
    compute_pb2.ACCUMULATOR_MIN,
    compute_pb2.ACCUMULATOR_MAX,
    compute_pb2.ACCUMULATOR_MOMENTS,
    compute_pb2.ACCUMULATOR_FIRST,
    compute_pb2.ACCUMULATOR_LAST,
    compute_pb2.ACCUMULATOR_EARLIEST,
    compute_pb2.ACCUMULATOR_LATEST,
)


class CpuEngine(Engine):
    name = "cpu"

    @override
    def needs(self, task: Task) -> int:
        return sum(_bytes(part) for part in parts_of(task))

    @override
    def open(self, task: Task) -> Canvas:
        return opened(task, canvas_of)

    @override
    def warm_up(self) -> None:
        self._compile(_lattice_tasks(), Cancel())

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        self._compile(_places(FREE, FREE), cancel)

    @override
    def close(self) -> None:
        """Nothing is held between tasks."""

    def _compile(self, tasks: Iterator[_Case], cancel: Cancel) -> None:
        for task, axis in tasks:
            cancel.check()
            canvas = self.open(task)
            canvas.add(_one_row(task, axis), cancel)
            canvas.planes()


def canvas_of(part: Task) -> LoopCanvas:
    """The canvas of a task of at most one value accumulator."""
    return LoopCanvas(part, partial(cells_of, part))


def cells_of(task: Task, block: Block) -> np.ndarray:
    """int64 of shape (rows,): the flat cell of each row in the task's region; rows outside have the number after the
    last.
    """
    region = task.region
    return free_cells(task, region, block) if isinstance(region, FreeRegion) else lattice_cells(task, region, block)


def _bytes(part: Task) -> int:
    """The bytes of a task of at most one value accumulator."""
    a_cell = part.count_dtype.itemsize
    for accumulator in part.of_value:
        a_cell += part.count_dtype.itemsize + (24 if accumulator == compute_pb2.ACCUMULATOR_MOMENTS else 8)
        a_cell += 8 if part.orders else 0
    return part.planes * part.cells * a_cell


def _lattice_tasks() -> Iterator[_Case]:
    """One small task, and the type of its axes, for each compilation that a real task can need."""
    double = np.dtype(np.float64)
    yield from _places(LATTICE, ROW)
    yield Task(LATTICE, _COUNT, "x", "y", 1, category="c", categories=1), double
    yield Task(LATTICE, _SUM, "x", "y", 1, value="v", value_dtype=np.dtype(np.int64), whole_sums=True), double
    for accumulator in _OF_VALUE:
        accumulators = (*COUNTS, accumulator)
        for dtype in (np.float64, np.int64, np.uint64):
            yield Task(LATTICE, accumulators, "x", "y", 1, value="v", value_dtype=np.dtype(dtype)), double


def _places(region: LatticeRegion | FreeRegion, row: LatticeRegion | FreeRegion) -> Iterator[_Case]:
    """What finds the cells of rows."""
    yield Task(row, _COUNT, "x", None, 1), np.dtype(np.float64)
    for axis in (np.float32, np.float64):
        yield Task(region, _COUNT, "x", "y", 1), np.dtype(axis)


def _one_row(task: Task, axis: np.dtype[np.generic]) -> Block:
    values = {
        "x": np.ones(1, axis),
        "y": np.ones(1, axis),
        "v": np.ones(1, task.value_dtype or np.float64),
        "c": np.zeros(1, np.int32),
        ROW_NUMBER: np.zeros(1, np.int64),
    }
    for array in values.values():
        # As stored columns are: Numba compiles once more for arrays that may be written.
        array.flags.writeable = False
    return ordered(Block(0, values, {}), "x")
