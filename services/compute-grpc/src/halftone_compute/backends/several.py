"""A task of several value accumulators as one picture: a canvas for each of them, which engines have loops for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from halftone.v1 import compute_pb2
from halftone_views.plan import ROLES
from typing_extensions import override

from halftone_compute.backends.base import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel, Task
    from halftone_compute.store.base import Block

_COUNTS = (compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID)


def parts_of(task: Task) -> list[Task]:
    """Tasks of at most one value accumulator, which together gather what the task asks for.

    Where only the rows with a value are counted, a sum is gathered beside them and left out.
    """
    if compute_pb2.ACCUMULATOR_VALID not in task.accumulators:
        return [task]
    of_value = task.of_value or (compute_pb2.ACCUMULATOR_ADD,)
    return [replace(task, accumulators=(*_COUNTS, accumulator)) for accumulator in of_value]


def opened(task: Task, open_part: Callable[[Task], Canvas]) -> Canvas:
    """The canvas of a task: that of its only part, else one that adds to the canvases of all parts."""
    parts = parts_of(task)
    if [part.accumulators for part in parts] == [task.accumulators]:
        return open_part(parts[0])
    return SeveralCanvases(task, [open_part(part) for part in parts])


@dataclass(frozen=True, slots=True)
class SeveralCanvases(Canvas):
    """A canvas for each part of a task. Each counts rows too; those of the first are given."""

    task: Task
    canvases: Sequence[Canvas]

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        for canvas in self.canvases:
            canvas.add(block, cancel)

    @override
    def planes(self) -> list[Plane]:
        by_role: dict[int, Plane] = {}
        for canvas in self.canvases:
            for plane in canvas.planes():
                by_role.setdefault(plane.role, plane)
        return [by_role[ROLES[accumulator]] for accumulator in self.task.accumulators]
