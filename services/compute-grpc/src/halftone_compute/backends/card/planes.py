"""The planes of one picture on the GPU: where they lie in one stretch of memory, and what they say at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.plan import ROLES
from halftone_wire.planes import Plane

from halftone_compute.backends.base import FreeRegion
from halftone_compute.backends.card.columns import TYPES, floats_of, high_bit, value_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from halftone_views.codes import Accumulator

    from halftone_compute.backends.base import Task

_ALL = (1 << 64) - 1
_ALIGNED = 256
_EXTREMES = (compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_MAX)
_FAMILIES = {compute_pb2.ACCUMULATOR_ADD: "total", compute_pb2.ACCUMULATOR_MOMENTS: "squares"}


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


def kernel_of(task: Task) -> str:
    """The kernel of a task of at most one value accumulator."""
    if not task.of_value:
        return "count" if task.category is None else "categories"
    (accumulator,) = task.of_value
    return f"{_FAMILIES.get(accumulator, 'extreme')}_{value_kind(_value_dtype(task))}"


def flip_of(task: Task) -> int:
    """The greatest of the complements is the complement of the least."""
    return _ALL if compute_pb2.ACCUMULATOR_MIN in task.accumulators else 0


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
    shape = (task.region.height, task.region.width)
    if task.category is not None:
        counts = planes["counts"].reshape(task.categories, *shape)
        return [Plane(frame_pb2.PLANE_ROLE_CATEGORY, counts[index], index) for index in range(task.categories)]
    made = [Plane(frame_pb2.PLANE_ROLE_COUNT, planes["counts"].reshape(shape))]
    if task.of_value:
        (accumulator,) = task.of_value
        found = _gathered(task, accumulator, planes).reshape(shape)
        made += [Plane(frame_pb2.PLANE_ROLE_VALID, planes["valids"].reshape(shape)), Plane(ROLES[accumulator], found)]
    return made


def _planes(task: Task) -> Iterator[tuple[str, np.dtype[np.generic], int]]:
    yield "counts", task.count_dtype, task.cells * (1 if task.category is None else task.categories)
    for accumulator in task.of_value:
        yield "valids", task.count_dtype, task.cells
        yield "found", np.dtype(_key_type(task) if accumulator in _EXTREMES else np.float64), task.cells
    if compute_pb2.ACCUMULATOR_MOMENTS in task.accumulators:
        yield "pivots", np.dtype(np.uint64), task.cells
        yield "squares", np.dtype(np.float64), task.cells


def _gathered(task: Task, accumulator: Accumulator, planes: Mapping[str, np.ndarray]) -> np.ndarray:
    valids, found = planes["valids"], planes["found"]
    if accumulator in _EXTREMES:
        return _extremes(task, found, valids)
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
    values = np.where(valids == 0, values.dtype.type(0), values)
    # As Datashader gives them for a free viewport: extremes of long integers are float64.
    is_rounded = isinstance(task.region, FreeRegion) and dtype.kind != "f" and dtype.itemsize > 4
    return values.astype(np.float64 if is_rounded else dtype)


def _key_type(task: Task) -> type[np.generic]:
    return np.uint32 if np.dtype(TYPES[value_kind(_value_dtype(task))]).itemsize == 4 else np.uint64


def _value_dtype(task: Task) -> np.dtype[np.generic]:
    return np.dtype(np.float64) if task.value_dtype is None else task.value_dtype
