"""From a task and a block of rows to an entry of a launch: where the cells lie, what is read, what is added to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import numpy as np
from halftone.v1 import compute_pb2

from halftone_compute.backends import datashade
from halftone_compute.backends.base import FreeRegion
from halftone_compute.backends.card.batch import AXIS, WORK, Work, whole_runs
from halftone_compute.backends.card.columns import Nowhere
from halftone_compute.backends.card.planes import flip_of, kernel_of
from halftone_compute.backends.card.quantum import cut_of, meets

if TYPE_CHECKING:
    from halftone_compute.backends.base import Task
    from halftone_compute.backends.card.columns import Lattice, Numbers
    from halftone_compute.backends.card.planes import Canvas
    from halftone_compute.backends.card.shelf import Shelf
    from halftone_compute.store.base import Block

Memory = TypeVar("Memory")

# The ways to a cell, as in kernels.cu.
_FLAT, _LATTICE = 0, 1
_CELLS = {"f32": 2, "f64": 3}
_VIEW = {"f32": 4, "f64": 5}


@dataclass(frozen=True, slots=True)
class LatticeSpan:
    """Cells of level `exponent` on one axis, from cell `first` on."""

    exponent: int
    first: int
    cells: int


@dataclass(frozen=True, slots=True)
class FreeSpan:
    """A closed range on one axis, cut into cells as Datashader does."""

    low: float
    high: float
    cells: int


@dataclass(frozen=True, slots=True)
class _Axis(Generic[Memory]):
    entry: np.ndarray
    column: Lattice[Memory] | Numbers[Memory] | None


Span: TypeAlias = LatticeSpan | FreeSpan


def spans_of(task: Task) -> tuple[Span, Span]:
    """The region's extent on x and on y."""
    region = task.region
    if isinstance(region, FreeRegion):
        return FreeSpan(region.x0, region.x1, region.width), FreeSpan(region.y0, region.y1, region.height)
    return (
        LatticeSpan(region.ex, int(region.first_x), region.width),
        LatticeSpan(region.ey, int(region.first_y), region.height),
    )


def work_of(task: Task, canvas: Canvas[Memory], block: Block, shelf: Shelf[Memory]) -> Work | None:
    """The work that a block makes; None when no row of it can lie in the region. Raises EngineError."""
    across, along = spans_of(task)
    x = _axis(across, block, task.x, shelf)
    if x is None:
        return None
    y = _flat() if task.y is None else _axis(along, block, task.y, shelf)
    if y is None:
        return None
    entry = np.zeros(1, WORK)
    entry["x"], entry["y"] = x.entry, y.entry
    entry["rows"] = whole_runs(len(block.values[task.x]))
    entry["flip"], entry["is_wide"] = flip_of(task), task.count_dtype == np.uint64
    entry["planes"], entry["other"] = task.categories, task.other
    for name, stretch in canvas.layout.items():
        entry[name] = shelf.device.address(canvas.memory) + stretch.start
    read = _read(entry, task, block, shelf)
    columns = [column for column in (x.column, y.column, read) if column is not None]
    return Work(kernel_of(task), entry, (canvas.memory, *columns), sum(column.size for column in columns))


def _read(entry: np.ndarray, task: Task, block: Block, shelf: Shelf[Memory]) -> Numbers[Memory] | None:
    """Names what is read of each row beside its place, and returns it."""
    if task.aggregate == compute_pb2.AGGREGATE_CATEGORIES and task.category is not None:
        codes = shelf.codes(block, task.category)
        entry["codes"] = shelf.device.address(codes.values)
        return codes
    if task.value is None:
        return None
    value = shelf.value(block, task.value)
    entry["values"] = shelf.device.address(value.values)
    if value.valid is not None:
        entry["valid"] = shelf.device.address(value.valid)
    return value


def _axis(span: Span, block: Block, name: str, shelf: Shelf[Memory]) -> _Axis[Memory] | None:
    return _view(span, block, name, shelf) if isinstance(span, FreeSpan) else _cells(span, block, name, shelf)


def _cells(span: LatticeSpan, block: Block, name: str, shelf: Shelf[Memory]) -> _Axis[Memory] | None:
    lattice = shelf.lattice(block, name)
    if isinstance(lattice, Nowhere) or not meets(lattice.quantum, span.exponent, span.first, span.cells):
        return None
    cut = cut_of(lattice.quantum, span.exponent, span.first)
    entry = np.zeros((), AXIS)
    entry["cells"] = span.cells
    if cut is not None:
        entry["kind"], entry["low"], entry["shift"] = _LATTICE, cut.low, cut.shift
        entry["at"], entry["zones"] = shelf.device.address(lattice.integers), shelf.device.address(lattice.zones)
        return _Axis(entry, lattice)
    numbers = shelf.axis(block, name)
    entry["kind"], entry["at"] = _CELLS[numbers.kind], shelf.device.address(numbers.values)
    entry["scale"], entry["translate"] = math.ldexp(1.0, -span.exponent), span.first
    return _Axis(entry, numbers)


def _view(span: FreeSpan, block: Block, name: str, shelf: Shelf[Memory]) -> _Axis[Memory]:
    numbers = shelf.axis(block, name)
    entry = np.zeros((), AXIS)
    entry["kind"], entry["at"], entry["cells"] = _VIEW[numbers.kind], shelf.device.address(numbers.values), span.cells
    entry["scale"], entry["translate"] = datashade.scale_and_translate((span.low, span.high), span.cells)
    entry["least"], entry["greatest"] = span.low, span.high
    return _Axis(entry, numbers)


def _flat() -> _Axis[Any]:
    entry = np.zeros((), AXIS)
    entry["kind"], entry["cells"] = _FLAT, 1
    return _Axis(entry, None)
