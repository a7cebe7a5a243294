"""The planes of one picture on the GPU: where they lie in one stretch of memory, and what they say at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.plan import ROLES
from halftone_wire.planes import Plane

from halftone_compute.backends.base import AT_ENDS, EXTREMES, OUTERMOST, is_whole
from halftone_compute.backends.card.columns import TYPES, floats_of, high_bit, value_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from halftone_views.codes import Accumulator, Role

    from halftone_compute.backends.base import Task

_ALL = (1 << 64) - 1
_ALIGNED = 256
_FAMILIES = {
    compute_pb2.ACCUMULATOR_ADD: ("total",),
    compute_pb2.ACCUMULATOR_MIN: ("extreme",),
    compute_pb2.ACCUMULATOR_MAX: ("extreme",),
    compute_pb2.ACCUMULATOR_MOMENTS: ("squares",),
    compute_pb2.ACCUMULATOR_FIRST: ("outermost", "chosen"),
    compute_pb2.ACCUMULATOR_LAST: ("outermost", "chosen"),
    compute_pb2.ACCUMULATOR_EARLIEST: ("foremost", "picked"),
    compute_pb2.ACCUMULATOR_LATEST: ("foremost", "picked"),
}
# Their complements are compared, so that a plane of zeros is one that nothing was added to.
_FLIPPED = frozenset({compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_FIRST, compute_pb2.ACCUMULATOR_EARLIEST})


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many numbers of a type, from a byte on."""

    start: int
    cells: int
    dtype: np.dtype[np.generic]

    def of(self, raw: np.ndarray) -> np.ndarray:
        """Its numbers, out of the bytes of all planes."""
        return raw[self.start : self.start + self.cells * self.dtype.itemsize].view(self.dtype)


Layout: TypeAlias = dict[str, Stretch]


def kernels_of(task: Task) -> tuple[str, ...]:
    """The kernels of a task of at most one value accumulator, one after the other."""
    if not task.of_value:
        return ("count" if task.category is None else "categories",)
    (accumulator,) = task.of_value
    families = ("whole",) if is_whole(task, accumulator) else _FAMILIES[accumulator]
    return tuple(f"{family}_{value_kind(_value_dtype(task))}" for family in families)


def flip_of(task: Task) -> int:
    """The greatest of the complements is the complement of the least."""
    return 0 if _FLIPPED.isdisjoint(task.accumulators) else _ALL


def layout_of(task: Task) -> tuple[Layout, int]:
    """The layout of a task's planes, and their bytes together."""
    layout: Layout = {}
    size = 0
    for name, dtype, cells in _planes(task):
        layout[name] = Stretch(size, cells, dtype)
        # Each begins at an address that suits any type.
        size += -(-cells * dtype.itemsize // _ALIGNED) * _ALIGNED
    return layout, size


def finished(task: Task, planes: Mapping[str, np.ndarray]) -> list[Plane]:
    """The planes of a piece from those of the kernels, by name and flat."""
    by_rows = frame_pb2.PLANE_ROLE_COUNT if task.category is None else frame_pb2.PLANE_ROLE_CATEGORY
    made = _cut(task, by_rows, planes["counts"])
    for accumulator in task.of_value:
        made += _cut(task, frame_pb2.PLANE_ROLE_VALID, planes["valids"])
        made += _cut(task, ROLES[accumulator], _gathered(task, accumulator, planes))
    return made


def _cut(task: Task, role: Role, cells: np.ndarray) -> list[Plane]:
    """A plane for each category."""
    by_category = cells.reshape(task.planes, task.region.height, task.region.width)
    return [Plane(role, found, index) for index, found in enumerate(by_category)]


def _planes(task: Task) -> Iterator[tuple[str, np.dtype[np.generic], int]]:
    cells = task.planes * task.cells
    yield "counts", task.count_dtype, cells
    for accumulator in task.of_value:
        yield "valids", task.count_dtype, cells
        yield "found", _found_dtype(task, accumulator), cells
    if task.orders or compute_pb2.ACCUMULATOR_MOMENTS in task.accumulators:
        yield "pivots", np.dtype(np.uint64), cells
    if compute_pb2.ACCUMULATOR_MOMENTS in task.accumulators:
        yield "squares", np.dtype(np.float64), cells


def _found_dtype(task: Task, accumulator: Accumulator) -> np.dtype[np.generic]:
    if accumulator in EXTREMES:
        return np.dtype(_key_type(task))
    if accumulator in OUTERMOST:
        return np.dtype(TYPES[value_kind(_value_dtype(task))])
    if accumulator in AT_ENDS:
        return np.dtype(np.uint64)
    return np.dtype(np.int64 if is_whole(task, accumulator) else np.float64)


def _gathered(task: Task, accumulator: Accumulator, planes: Mapping[str, np.ndarray]) -> np.ndarray:
    valids, found = planes["valids"], planes["found"]
    if accumulator in EXTREMES:
        return _extremes(task, found, valids)
    if accumulator in OUTERMOST:
        return found.astype(_value_dtype(task))
    if accumulator in AT_ENDS:
        missing = np.where(planes["counts"] > 0, np.nan, 0.0)
        return np.where(found == 0, missing, floats_of(found ^ np.uint64(flip_of(task))))
    if accumulator == compute_pb2.ACCUMULATOR_MOMENTS:
        # The squares about the mean, from those about the pivot; rounding must not make them negative.
        about_mean = planes["squares"] - found * found / np.maximum(valids, 1)
        found = np.maximum(about_mean, 0.0)
    return found


def _extremes(task: Task, found: np.ndarray, valids: np.ndarray) -> np.ndarray:
    dtype = _value_dtype(task)
    keys = found ^ found.dtype.type(flip_of(task) & np.iinfo(found.dtype).max)
    match value_kind(dtype):
        case "f32" | "f64":
            values = floats_of(keys)
        case "u64":
            values = keys
        case kind:
            values = (keys ^ high_bit(keys)).view(TYPES[kind])
    return np.where(valids == 0, values.dtype.type(0), values).astype(dtype)


def _key_type(task: Task) -> type[np.generic]:
    return np.uint32 if np.dtype(TYPES[value_kind(_value_dtype(task))]).itemsize == 4 else np.uint64


def _value_dtype(task: Task) -> np.dtype[np.generic]:
    return np.dtype(np.float64) if task.value_dtype is None else task.value_dtype
