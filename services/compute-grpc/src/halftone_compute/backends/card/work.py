"""From a task and a block of rows to an entry of a launch: where the cells lie, what is read, what is added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from halftone_compute.backends.card.batch import Axis, Read, Work, entry_of, whole_runs
from halftone_compute.backends.card.columns import EmptyColumn
from halftone_compute.backends.card.held import FreeSpan
from halftone_compute.backends.card.quantum import cut_of, meets
from halftone_compute.backends.datashader_axis import scale_and_translate
from halftone_compute.backends.lift import lift_of_level, lift_of_range, per_unit

if TYPE_CHECKING:
    from halftone_compute.backends.base import Task
    from halftone_compute.backends.card.column_cache import ColumnCache
    from halftone_compute.backends.card.columns import Lattice, Numbers
    from halftone_compute.backends.card.held import HeldPlanes, LatticeSpan, Span
    from halftone_compute.store.base import Block

Memory = TypeVar("Memory")

# The ways to a cell, as in kernels.cu.
_FLAT, _LATTICE = 0, 1
_CELLS = {"f32": 2, "f64": 3}
_VIEW = {"f32": 4, "f64": 5}


# An axis of an entry, and the column that it points at.
_Placed: TypeAlias = "tuple[Axis, Lattice[Memory] | Numbers[Memory] | None]"

_FLAT_AXIS: _Placed[Any] = (Axis(cells=1, kind=_FLAT), None)


def works_of(held: HeldPlanes[Memory], block: Block, cache: ColumnCache[Memory]) -> list[Work]:
    """The work of a block, kernel by kernel; none when no row of it can lie in the region. Raises EngineError."""
    aim = held.aim
    task = aim.task
    x = _axis(aim.across, block, task.x, cache)
    if x is None:
        return []
    y = _FLAT_AXIS if aim.along is None or task.y is None else _axis(aim.along, block, task.y, cache)
    if y is None:
        return []
    read, more = _read(task, block, cache)
    rows = whole_runs(len(block.values[task.x]))
    columns = [*(found for found in (x[1], y[1]) if found is not None), *more]
    size = sum(found.size for found in columns)
    entry = entry_of(x[0], y[0], read, rows, aim.target)
    return [Work(kernel, entry, rows, (held.memory, *columns), size) for kernel in aim.kernels]


def _read(task: Task, block: Block, cache: ColumnCache[Memory]) -> tuple[Read, list[Numbers[Memory]]]:
    """What is read of each row beside its place, and its columns."""
    columns, address = [], cache.device.address
    values = valid = codes = numbers = 0
    if task.category is not None:
        columns.append(cache.codes(block, task.category))
        codes = address(columns[-1].values)
    if task.value is not None and task.of_value:
        value = cache.value(block, task.value)
        columns.append(value)
        values, valid = address(value.values), 0 if value.valid is None else address(value.valid)
    for order in task.orders:
        columns.append(cache.value(block, order))
        numbers = address(columns[-1].values)
    return Read(values, valid, codes, numbers), columns


def _axis(span: Span, block: Block, name: str, cache: ColumnCache[Memory]) -> _Placed[Memory] | None:
    return _view(span, block, name, cache) if isinstance(span, FreeSpan) else _cells(span, block, name, cache)


def _cells(span: LatticeSpan, block: Block, name: str, cache: ColumnCache[Memory]) -> _Placed[Memory] | None:
    lattice = cache.lattice(block, name)
    if isinstance(lattice, EmptyColumn) or not meets(lattice.quantum, span.exponent, span.first, span.cells):
        return None
    cut = cut_of(lattice.quantum, span.exponent, span.first)
    if cut is not None:
        at, zones = cache.device.address(lattice.integers), cache.device.address(lattice.zones)
        return Axis(at, zones, cut.low, cells=span.cells, shift=cut.shift, kind=_LATTICE), lattice
    numbers = cache.axis(block, name)
    axis = Axis(
        cache.device.address(numbers.values),
        scale=per_unit(span.exponent),
        translate=span.first,
        lift=lift_of_level(span.exponent),
        cells=span.cells,
        kind=_CELLS[numbers.kind],
    )
    return axis, numbers


def _view(span: FreeSpan, block: Block, name: str, cache: ColumnCache[Memory]) -> _Placed[Memory]:
    numbers = cache.axis(block, name)
    lift = lift_of_range(span.low, span.high)
    scale, translate = scale_and_translate((span.low * lift, span.high * lift), span.cells)
    axis = Axis(
        cache.device.address(numbers.values),
        scale=scale,
        translate=translate,
        least=span.low,
        greatest=span.high,
        lift=lift,
        cells=span.cells,
        kind=_VIEW[numbers.kind],
    )
    return axis, numbers
