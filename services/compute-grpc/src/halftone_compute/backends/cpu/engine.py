"""The CPU engine: Datashader for free viewports, our own compiled loops for lattice cells (see `kernels`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_wire.planes import Plane
from typing_extensions import override

from halftone_compute.backends.base import Backend, Cancel, FreeRegion, LatticeRegion, Task
from halftone_compute.backends.cpu import datashade, kernels
from halftone_compute.store.base import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from halftone_compute.backends.base import Aggregate, Role

# Rows handled at once: small enough for the processor's cache and for a quick cancel; Datashader's calls cost more
# to start, so it gets more.
LOOP_ROWS = 65_536
DATASHADER_ROWS = 262_144


@dataclass(frozen=True, slots=True)
class Loops:
    """Accumulators of `kernels`: flat, one cell longer than the region; a categories task has one row a plane.

    `found` of a squares task has three numbers a cell.
    """

    counts: np.ndarray
    valids: np.ndarray | None = None
    found: np.ndarray | None = None


# Small regions to compile for.
LATTICE = LatticeRegion(0, 0.0, 0, 0.0, 4, 4)
ROW = LatticeRegion(0, 0.0, 0, 0.0, 4, 1)
FREE = FreeRegion(0.0, 4.0, 0.0, 4.0, 4, 4)

CpuCanvas = Loops | datashade.Canvas


class CpuBackend(Backend[CpuCanvas, Block]):
    name = "cpu"

    @override
    def needs(self, task: Task) -> int:
        if task.aggregate == compute_pb2.AGGREGATE_CATEGORIES:
            planes = datashade.CATEGORIES if isinstance(task.region, FreeRegion) else task.categories
            return task.cells * planes * task.count_dtype.itemsize
        values = 0 if task.aggregate == compute_pb2.AGGREGATE_COUNT else task.count_dtype.itemsize + 8
        if task.aggregate == compute_pb2.AGGREGATE_SQUARES:
            values += 8 if isinstance(task.region, FreeRegion) else 16
        return task.cells * (task.count_dtype.itemsize + values)

    @override
    def create(self, task: Task) -> CpuCanvas:
        if isinstance(task.region, FreeRegion):
            return _datashader_canvas(task, task.region)
        cells = task.cells + 1
        if task.aggregate == compute_pb2.AGGREGATE_COUNT:
            return Loops(np.zeros(cells, task.count_dtype))
        if task.aggregate == compute_pb2.AGGREGATE_CATEGORIES:
            return Loops(np.zeros((task.categories, cells), task.count_dtype))
        dtype = _wide(task)
        shape = (cells, 3) if task.aggregate == compute_pb2.AGGREGATE_SQUARES else cells
        found = np.full(shape, _neutral(task.aggregate, dtype), dtype)
        return Loops(np.zeros(cells, task.count_dtype), np.zeros(cells, task.count_dtype), found)

    @override
    def place(self, block: Block) -> Block:
        return block

    @override
    def aggregate(self, task: Task, canvas: CpuCanvas, rows: Block, cancel: Cancel) -> None:
        if isinstance(canvas, Loops):
            for part in _parts(rows, task, LOOP_ROWS):
                cancel.check()
                _loop(task, _lattice(task), canvas, part)
        else:
            for part in _parts(rows, task, DATASHADER_ROWS):
                cancel.check()
                _datashade(task, canvas, part)

    @override
    def to_host(self, task: Task, canvas: CpuCanvas) -> list[Plane]:
        return _loop_planes(task, canvas) if isinstance(canvas, Loops) else _datashader_planes(task, canvas)

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
            canvas = self.create(task)
            self.aggregate(task, canvas, _one_row(task, axis), cancel)
            self.to_host(task, canvas)


def _parts(block: Block, task: Task, size: int) -> Iterator[Block]:
    rows = len(block.values[task.x])
    for start in range(0, rows, size):
        cut = slice(start, start + size)
        values = {name: block.values[name][cut] for name in task.columns}
        valid = {name: mask[cut] for name, mask in block.valid.items()}
        yield Block(block.start + start, values, valid, block.version)


def _floats(block: Block, name: str) -> np.ndarray:
    """A new float64 array of a column, NaN for null."""
    floats = block.values[name].astype(np.float64)
    if name in block.valid:
        floats[~block.valid[name]] = np.nan
    return floats


_VALUE_LOOPS: Mapping[Aggregate, Callable[..., None]] = {
    compute_pb2.AGGREGATE_SUM: kernels.total,
    compute_pb2.AGGREGATE_MIN: kernels.least,
    compute_pb2.AGGREGATE_MAX: kernels.greatest,
    compute_pb2.AGGREGATE_SQUARES: kernels.squares,
}
# Found in the column's own type; the others are float64.
_EXTREMES = (compute_pb2.AGGREGATE_MIN, compute_pb2.AGGREGATE_MAX)


def _loop(task: Task, region: LatticeRegion, canvas: Loops, block: Block) -> None:
    flat = _flat(task, region, block)
    if task.aggregate == compute_pb2.AGGREGATE_COUNT:
        kernels.count(flat, canvas.counts)
    elif task.category is not None:
        kernels.categories(flat, block.values[task.category], task.other, canvas.counts)
    elif task.value is not None:
        values = block.values[task.value].astype(_wide(task))
        valid = block.valid.get(task.value)
        valid = np.ones(len(values), np.bool_) if valid is None else valid
        _VALUE_LOOPS[task.aggregate](flat, values, valid, canvas.counts, canvas.valids, canvas.found)


def _flat(task: Task, region: LatticeRegion, block: Block) -> np.ndarray:
    flat = np.empty(len(block.values[task.x]), np.int64)
    per_x = math.ldexp(1.0, -region.ex)
    if task.y is None:
        kernels.flatten_bins(_floats(block, task.x), per_x, region.first_x, region.width, flat)
        return flat
    xs, ys = _coordinates(block, task.x, task.y)
    per_y = math.ldexp(1.0, -region.ey)
    kernels.flatten(xs, ys, per_x, region.first_x, per_y, region.first_y, region.width, region.height, flat)
    return flat


def _coordinates(block: Block, x: str, y: str) -> tuple[np.ndarray, np.ndarray]:
    """Both axes as float32 where both are, without a copy; else as float64. Two compilations serve every pair."""
    xs, ys = block.values[x], block.values[y]
    if xs.dtype == ys.dtype == np.float32:
        return xs, ys
    return _floats(block, x), _floats(block, y)


def _lattice(task: Task) -> LatticeRegion:
    if isinstance(task.region, FreeRegion):
        raise TypeError("a free region has no lattice")
    return task.region


def _loop_planes(task: Task, canvas: Loops) -> list[Plane]:
    shape = (task.region.height, task.region.width)
    if task.aggregate == compute_pb2.AGGREGATE_CATEGORIES:
        return [
            Plane(frame_pb2.PLANE_ROLE_CATEGORY, counts[: task.cells].reshape(shape), index)
            for index, counts in enumerate(canvas.counts)
        ]
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, canvas.counts[: task.cells].reshape(shape))]
    if canvas.valids is not None and canvas.found is not None and task.value_dtype is not None:
        valids = canvas.valids[: task.cells].reshape(shape)
        found = canvas.found[: task.cells].reshape(*shape, *canvas.found.shape[1:])
        if task.aggregate == compute_pb2.AGGREGATE_SQUARES:
            found = found[..., kernels.SQUARES]
        found = np.where(valids == 0, 0, found)
        if task.aggregate in _EXTREMES:
            found = found.astype(task.value_dtype)
        planes += [Plane(frame_pb2.PLANE_ROLE_VALID, valids), Plane(_value_role(task), found)]
    return planes


def _value_role(task: Task) -> Role:
    return {
        compute_pb2.AGGREGATE_SUM: frame_pb2.PLANE_ROLE_SUM,
        compute_pb2.AGGREGATE_MIN: frame_pb2.PLANE_ROLE_MIN,
        compute_pb2.AGGREGATE_MAX: frame_pb2.PLANE_ROLE_MAX,
        compute_pb2.AGGREGATE_SQUARES: frame_pb2.PLANE_ROLE_SQUARES,
    }[task.aggregate]


def _datashader_canvas(task: Task, region: FreeRegion) -> datashade.Canvas:
    y_range = (0.0, 1.0) if task.y is None else (region.y0, region.y1)
    return datashade.Canvas(task.aggregate, region.width, region.height, (region.x0, region.x1), y_range)


def _datashade(task: Task, canvas: datashade.Canvas, block: Block) -> None:
    xs = _floats(block, task.x)
    columns = {"x": xs, "y": np.full(len(xs), 0.5) if task.y is None else _floats(block, task.y)}
    if task.value is not None:
        columns["v"] = _floats(block, task.value)
    if task.category is not None:
        columns["c"] = _codes(task, block.values[task.category])
    canvas.add(datashade.frame(columns))


def _codes(task: Task, codes: np.ndarray) -> np.ndarray:
    last = task.categories - 1
    return np.minimum(codes, last) if task.other else np.where(codes > last, -1, codes)


def _datashader_planes(task: Task, canvas: datashade.Canvas) -> list[Plane]:
    found = canvas.planes()
    if task.aggregate == compute_pb2.AGGREGATE_CATEGORIES:
        return [
            Plane(frame_pb2.PLANE_ROLE_CATEGORY, found["codes"][:, :, index], index) for index in range(task.categories)
        ]
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, found["rows"])]
    if task.value_dtype is not None:
        value = np.where(found["valid"] == 0, 0.0, found["value"])
        if task.aggregate == compute_pb2.AGGREGATE_SQUARES:
            value *= found["valid"]
        if task.aggregate in _EXTREMES and _fits_float64(task.value_dtype):
            value = value.astype(task.value_dtype)
        planes += [Plane(frame_pb2.PLANE_ROLE_VALID, found["valid"]), Plane(_value_role(task), value)]
    return planes


def _fits_float64(dtype: np.dtype[np.generic]) -> bool:
    """Whether Datashader, which finds extremes as float64, gives every value of this type back exactly."""
    return dtype.kind == "f" or dtype.itemsize <= 4


def _wide(task: Task) -> np.dtype[np.generic]:
    """The type that figures are made in: one of three, so that three compilations serve every column."""
    if task.aggregate not in _EXTREMES:
        return np.dtype(np.float64)
    kind = "f" if task.value_dtype is None else task.value_dtype.kind
    return np.dtype({"f": np.float64, "u": np.uint64}.get(kind, np.int64))


def _neutral(aggregate: Aggregate, dtype: np.dtype[np.generic]) -> float | int:
    """What an accumulator starts with: a value that adding or comparing with any other gives that other."""
    if aggregate not in _EXTREMES:
        return 0
    is_least = aggregate == compute_pb2.AGGREGATE_MIN
    if dtype.kind == "f":
        return math.inf if is_least else -math.inf
    whole = np.iinfo(np.uint64 if dtype.kind == "u" else np.int64)
    return int(whole.max) if is_least else int(whole.min)


def _lattice_tasks() -> Iterator[tuple[Task, np.dtype[np.generic]]]:
    yield Task(ROW, compute_pb2.AGGREGATE_COUNT, "x", None, 1), np.dtype(np.float64)
    yield Task(LATTICE, compute_pb2.AGGREGATE_COUNT, "x", "y", 1), np.dtype(np.float32)
    yield from _tasks_of(LATTICE)


def _tasks_of(region: LatticeRegion | FreeRegion) -> Iterator[tuple[Task, np.dtype[np.generic]]]:
    """One small task, and the type of its axes, for each compilation that a real task can need."""
    double = np.dtype(np.float64)
    yield Task(region, compute_pb2.AGGREGATE_COUNT, "x", "y", 1), double
    yield Task(region, compute_pb2.AGGREGATE_CATEGORIES, "x", "y", 1, category="c", categories=1), double
    for aggregate in _VALUE_LOOPS:
        for dtype in (np.float64, np.int64, np.uint64):
            yield Task(region, aggregate, "x", "y", 1, value="v", value_dtype=np.dtype(dtype)), double


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
