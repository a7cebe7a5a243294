"""A task of several value accumulators as one picture: a canvas for each of them, which engines have loops for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.plan import ROLES
from typing_extensions import override

from halftone_compute.backends.base import COUNTS, OF_ORDERS, OF_ROWS, Canvas, numbered, order_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from halftone_views.codes import Accumulator, Role
    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel, Task
    from halftone_compute.store.base import Block

_GREATEST = (*COUNTS, compute_pb2.ACCUMULATOR_MAX)
_AS_THEY_ARE: Mapping[Role, Role] = MappingProxyType({})
# What extremes of row numbers are planes of.
_OF_ROWS: Mapping[Role, Role] = MappingProxyType({ROLES[found]: ROLES[name] for name, found in OF_ROWS.items()})


def parts_of(task: Task) -> list[Task]:
    """Tasks of at most one value accumulator, which together gather what the task asks for.

    Where only the rows with a value are counted, a sum is gathered beside them and left out. With a category column
    those without one follow, for the planes of all rows together.
    """
    if compute_pb2.ACCUMULATOR_VALID not in task.accumulators:
        return [task]
    of_value = task.of_value or (compute_pb2.ACCUMULATOR_ADD,)
    parts = [_part(task, accumulator) for accumulator in of_value]
    if task.category is None:
        return parts
    return [*parts, *(replace(part, category=None, categories=0, other=False) for part in parts)]


def _part(task: Task, accumulator: Accumulator) -> Task:
    if accumulator in OF_ROWS and task.value is not None:
        of_rows = (*COUNTS, OF_ROWS[accumulator])
        return replace(task, accumulators=of_rows, value=numbered(task.value), value_dtype=np.dtype(np.int64))
    if accumulator in OF_ORDERS:
        order = order_of(OF_ORDERS[accumulator], task.x)
        return replace(task, accumulators=_GREATEST, value=order, value_dtype=np.dtype(np.uint64))
    return replace(task, accumulators=(*COUNTS, accumulator))


def _roles(task: Task, part: Task) -> Mapping[Role, Role]:
    """What the extremes of a part are planes of, where it is not of the value column."""
    if part.value == task.value:
        return _AS_THEY_ARE
    for accumulator, end in OF_ORDERS.items():
        if part.value == order_of(end, task.x):
            return {frame_pb2.PLANE_ROLE_MAX: ROLES[accumulator]}
    return _OF_ROWS


def opened(task: Task, open_part: Callable[[Task], Canvas]) -> Canvas:
    """The canvas of a task: that of its only part, else one that adds to the canvases of all parts."""
    parts = parts_of(task)
    if [part.accumulators for part in parts] == [task.accumulators]:
        return open_part(parts[0])
    return SeveralCanvases(task, [(part, open_part(part)) for part in parts])


@dataclass(frozen=True, slots=True)
class SeveralCanvases(Canvas):
    """A canvas for each part of a task. Each counts rows too; those of the first are given."""

    task: Task
    canvases: Sequence[tuple[Task, Canvas]]

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        for _, canvas in self.canvases:
            canvas.add(block, cancel)

    @override
    def planes(self) -> list[Plane]:
        found: dict[tuple[Role, int], Plane] = {}
        for part, canvas in self.canvases:
            is_of_all = part.category is None and self.task.category is not None
            roles = _roles(self.task, part)
            for plane in canvas.planes():
                category = self.task.categories if is_of_all else plane.category
                role = roles.get(plane.role, plane.role)
                found.setdefault((role, category), replace(plane, role=role, category=category))
        return [found[place] for place in _places(self.task)]


def _places(task: Task) -> Iterator[tuple[Role, int]]:
    """(role, category) of every plane of a task, in order."""
    for accumulator in task.accumulators:
        is_by_rows = accumulator == compute_pb2.ACCUMULATOR_COUNT and task.category is not None
        role = frame_pb2.PLANE_ROLE_CATEGORY if is_by_rows else ROLES[accumulator]
        of_all = 1 if task.category is not None and not is_by_rows else 0
        for category in range(task.planes + of_all):
            yield role, category
