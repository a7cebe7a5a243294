"""Lattice cells on processors: our own compiled loops (see `kernels`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.lattice import MAX_COORDINATE
from halftone_views.plan import ROLES
from halftone_wire import Plane
from typing_extensions import override

from halftone_compute.backends.base import Canvas, LatticeRegion
from halftone_compute.backends.cpu import kernels
from halftone_compute.backends.cpu.rows import coordinates, floats, parts
from halftone_compute.backends.lift import lift_of_level, per_unit

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
}
# Found in the column's own type; the others are float64.
EXTREMES = (compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_MAX)


class LatticeCanvas(Canvas):
    """Arrays of `kernels`: flat, one cell longer than the region; by category one row a plane.

    `found` is what is gathered of the value; MOMENTS keep three numbers a cell.
    """

    def __init__(self, task: Task, region: LatticeRegion) -> None:
        """`task` has at most one value accumulator."""
        self._task = task
        self._region = region
        cells = task.cells + 1
        self.counts = np.zeros(cells if task.category is None else (task.categories, cells), task.count_dtype)
        self.valids: np.ndarray | None = None
        self.found: np.ndarray | None = None
        if task.of_value:
            (accumulator,) = task.of_value
            dtype = wide(task, accumulator)
            shape = (cells, 3) if accumulator == compute_pb2.ACCUMULATOR_MOMENTS else cells
            self.valids = np.zeros(cells, task.count_dtype)
            self.found = np.full(shape, _neutral(accumulator, dtype), dtype)

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        for part in parts(block, self._task, LOOP_ROWS):
            cancel.check()
            self._add(part)

    @override
    def planes(self) -> list[Plane]:
        task = self._task
        shape = (task.region.height, task.region.width)
        if task.category is not None:
            return [
                Plane(frame_pb2.PLANE_ROLE_CATEGORY, counts[: task.cells].reshape(shape), index)
                for index, counts in enumerate(self.counts)
            ]
        planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, self.counts[: task.cells].reshape(shape))]
        if self.valids is not None and self.found is not None:
            valids = self.valids[: task.cells].reshape(shape)
            found = self.found[: task.cells].reshape(*shape, *self.found.shape[1:])
            planes += [Plane(frame_pb2.PLANE_ROLE_VALID, valids), _finished(task, valids, found)]
        return planes

    def _add(self, block: Block) -> None:
        task = self._task
        flat = _flat(task, self._region, block)
        if task.category is not None:
            kernels.categories(flat, block.values[task.category], task.other, self.counts)
        elif task.value is None or not task.of_value:
            kernels.count(flat, self.counts)
        else:
            (accumulator,) = task.of_value
            values = block.values[task.value].astype(wide(task, accumulator))
            valid = block.valid.get(task.value)
            valid = np.ones(len(values), np.bool_) if valid is None else valid
            _LOOPS[accumulator](flat, values, valid, self.counts, self.valids, self.found)


def _finished(task: Task, valids: np.ndarray, found: np.ndarray) -> Plane:
    (accumulator,) = task.of_value
    if accumulator == compute_pb2.ACCUMULATOR_MOMENTS:
        found = found[..., kernels.SQUARES]
    found = np.where(valids == 0, 0, found)
    if accumulator in EXTREMES and task.value_dtype is not None:
        found = found.astype(task.value_dtype)
    return Plane(ROLES[accumulator], found)


def _flat(task: Task, region: LatticeRegion, block: Block) -> np.ndarray:
    flat = np.empty(len(block.values[task.x]), np.int64)
    per_x = per_unit(region.ex)
    if task.y is None:
        xs = floats(block, task.x)
        _prepare(xs, region.ex, region.first_x, region.width)
        kernels.flatten_bins(xs, per_x, region.first_x, region.width, flat)
        return flat
    per_y = per_unit(region.ey)
    if _is_plain(region.ex, region.first_x, region.width) and _is_plain(region.ey, region.first_y, region.height):
        xs, ys = coordinates(block, task.x, task.y)
    else:
        xs, ys = floats(block, task.x), floats(block, task.y)
        _prepare(xs, region.ex, region.first_x, region.width)
        _prepare(ys, region.ey, region.first_y, region.height)
    kernels.flatten(xs, ys, per_x, region.first_x, per_y, region.first_y, region.width, region.height, flat)
    return flat


def _is_plain(exponent: int, first: float, cells: int) -> bool:
    """Whether coordinates can be taken as they are."""
    return lift_of_level(exponent) == 1.0 and not _is_beyond(exponent, first, cells)


def _is_beyond(exponent: int, first: float, cells: int) -> bool:
    """Whether cells reach to where no row has a place: the outermost tiles do."""
    most = math.ldexp(MAX_COORDINATE, -exponent) if exponent > 0 else math.inf
    return first + cells > most or first < -most


def _prepare(numbers: np.ndarray, exponent: int, first: float, cells: int) -> None:
    """Changes coordinates in place: lifts them for the finest levels, and takes those without a place out."""
    if _is_beyond(exponent, first, cells):
        numbers[~((numbers >= -MAX_COORDINATE) & (numbers < MAX_COORDINATE))] = np.nan
    lift = lift_of_level(exponent)
    if lift != 1.0:
        with np.errstate(over="ignore"):
            numbers *= lift


def wide(task: Task, accumulator: Accumulator) -> np.dtype[np.generic]:
    """The type that numbers are gathered in: one of three, so that three compilations serve every column."""
    if accumulator not in EXTREMES:
        return np.dtype(np.float64)
    kind = "f" if task.value_dtype is None else task.value_dtype.kind
    return np.dtype({"f": np.float64, "u": np.uint64}.get(kind, np.int64))


def _neutral(accumulator: Accumulator, dtype: np.dtype[np.generic]) -> float | int:
    """What an accumulator starts with: a value that adding or comparing with any other gives that other."""
    if accumulator not in EXTREMES:
        return 0
    is_least = accumulator == compute_pb2.ACCUMULATOR_MIN
    if dtype.kind == "f":
        return math.inf if is_least else -math.inf
    whole = np.iinfo(np.uint64 if dtype.kind == "u" else np.int64)
    return int(whole.max) if is_least else int(whole.min)
