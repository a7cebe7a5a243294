"""The planes of one picture on processors: arrays that compiled loops add to (see `kernels`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.plan import ROLES
from halftone_wire import Plane
from typing_extensions import override

from halftone_compute.backends.base import AT_ENDS, EXTREMES, OUTERMOST, Canvas, is_whole
from halftone_compute.backends.cpu import kernels
from halftone_compute.backends.cpu.rows import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from halftone_views.codes import Accumulator

    from halftone_compute.backends.base import Cancel, Task
    from halftone_compute.store.base import Block

# Rows handled at once: small enough for the processor's cache and for a quick cancel.
LOOP_ROWS = 65_536
_LOOPS: Mapping[Accumulator, Callable[..., None]] = {
    compute_pb2.ACCUMULATOR_ADD: kernels.total,
    compute_pb2.ACCUMULATOR_MIN: kernels.least,
    compute_pb2.ACCUMULATOR_MAX: kernels.greatest,
    compute_pb2.ACCUMULATOR_MOMENTS: kernels.squares,
    compute_pb2.ACCUMULATOR_FIRST: kernels.first,
    compute_pb2.ACCUMULATOR_LAST: kernels.last,
    compute_pb2.ACCUMULATOR_EARLIEST: kernels.earliest,
    compute_pb2.ACCUMULATOR_LATEST: kernels.latest,
}
# Those that start at the greatest number of their type, since they look for the least.
_LEAST = frozenset({compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_FIRST})


class LoopCanvas(Canvas):
    """Arrays of `kernels`: flat, one cell longer than the region, and by category as many times as long.

    `found` is what is gathered of the value; MOMENTS keep three numbers a cell. `at` holds the numbers or orders of
    rows, where it matters which row counts.
    """

    def __init__(self, task: Task, cells_of: Callable[[Block], np.ndarray]) -> None:
        """`task` has at most one value accumulator; `cells_of` finds the flat cell of each row in its region."""
        self._task = task
        self._cells_of = cells_of
        cells = task.planes * (task.cells + 1)
        self.counts = np.zeros(cells, task.count_dtype)
        self.valids: np.ndarray | None = None
        self.found: np.ndarray | None = None
        self.at: np.ndarray | None = None
        for accumulator in task.of_value:
            dtype = wide(task, accumulator)
            shape = (cells, 3) if accumulator == compute_pb2.ACCUMULATOR_MOMENTS else cells
            self.valids = np.zeros(cells, task.count_dtype)
            # Pages of zeros that no row touches take no memory and no time.
            is_extreme = accumulator in EXTREMES
            self.found = np.full(shape, _neutral(accumulator, dtype), dtype) if is_extreme else np.zeros(shape, dtype)
            if accumulator in OUTERMOST:
                self.at = np.full(cells, _neutral(accumulator, np.dtype(np.int64)), np.int64)
            if accumulator in AT_ENDS:
                self.at = np.zeros(cells, np.uint64)

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        for part in parts(block, self._task, LOOP_ROWS):
            cancel.check()
            self._add(part)

    @override
    def planes(self) -> list[Plane]:
        task = self._task
        role = frame_pb2.PLANE_ROLE_COUNT if task.category is None else frame_pb2.PLANE_ROLE_CATEGORY
        made = self._cut(role, self.counts)
        if self.valids is not None and self.found is not None:
            (accumulator,) = task.of_value
            made += self._cut(frame_pb2.PLANE_ROLE_VALID, self.valids)
            made += self._cut(ROLES[accumulator], _finished(task, accumulator, self.valids, self.found))
        return made

    def _cut(self, role: frame_pb2.PlaneRole.ValueType, cells: np.ndarray) -> list[Plane]:
        """A plane for each category, without the cell that takes the rows outside."""
        task = self._task
        shape = task.region.height, task.region.width
        by_category = cells.reshape(task.planes, task.cells + 1)
        return [Plane(role, found[: task.cells].reshape(shape), index) for index, found in enumerate(by_category)]

    def _add(self, block: Block) -> None:
        task = self._task
        flat = self._cells_of(block)
        if task.category is not None:
            kernels.of_categories(flat, block.values[task.category], task.categories, task.other, task.cells + 1)
        if task.value is None or not task.of_value:
            kernels.count(flat, self.counts)
            return
        (accumulator,) = task.of_value
        values = block.values[task.value].astype(wide(task, accumulator))
        valid = block.valid.get(task.value)
        valid = np.ones(len(values), np.bool_) if valid is None else valid
        if not task.orders:
            _LOOPS[accumulator](flat, values, valid, self.counts, self.valids, self.found)
        else:
            orders = block.values[task.orders[0]]
            _LOOPS[accumulator](flat, values, valid, orders, self.counts, self.valids, self.at, self.found)


def _finished(task: Task, accumulator: Accumulator, valids: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The numbers of all planes, flat; 0 where no row has a value, as all but extremes start with."""
    if accumulator == compute_pb2.ACCUMULATOR_MOMENTS:
        return found[:, kernels.SQUARES]
    if accumulator in EXTREMES:
        np.copyto(found, 0, where=valids == 0)
    if accumulator in EXTREMES | OUTERMOST and task.value_dtype is not None:
        found = found.astype(task.value_dtype, copy=False)
    return found


def wide(task: Task, accumulator: Accumulator) -> np.dtype[np.generic]:
    """The type that numbers are gathered in: one of three, so that three compilations serve every column."""
    if accumulator not in EXTREMES | OUTERMOST:
        return np.dtype(np.int64 if is_whole(task, accumulator) else np.float64)
    kind = "f" if task.value_dtype is None else task.value_dtype.kind
    return np.dtype({"f": np.float64, "u": np.uint64}.get(kind, np.int64))


def _neutral(accumulator: Accumulator, dtype: np.dtype[np.generic]) -> float | int:
    """What a comparison starts with: comparing it with any other number gives that other."""
    if dtype.kind == "f":
        return math.inf if accumulator in _LEAST else -math.inf
    whole = np.iinfo(np.uint64 if dtype.kind == "u" else np.int64)
    return int(whole.max) if accumulator in _LEAST else int(whole.min)
