"""The planes of one picture on the GPU, and the work for them that was not yet handed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import numpy as np

from halftone_compute.backends.base import FreeRegion
from halftone_compute.backends.card.batch import Target
from halftone_compute.backends.card.planes import flip_of, kernels_of

if TYPE_CHECKING:
    from halftone_compute.backends.base import Task
    from halftone_compute.backends.card.batch import Work
    from halftone_compute.backends.card.planes import Layout

Memory = TypeVar("Memory")


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


Span: TypeAlias = LatticeSpan | FreeSpan


@dataclass(frozen=True, slots=True)
class Aim:
    """What all work of one picture has in common. `along` is None for one row of cells."""

    task: Task
    kernels: tuple[str, ...]
    across: Span
    along: Span | None
    target: Target


@dataclass(eq=False)
class HeldPlanes(Generic[Memory]):
    """Planes side by side in `memory`, `size` bytes, all zero at first.

    `layout`: where each lies, flat, by the name that kernels.cu has for it. `aim`: what all work for them shares.
    """

    memory: Memory
    layout: Layout
    size: int
    aim: Aim
    waiting: list[Work] = field(default_factory=list)
    bytes_waiting: int = 0

    def wait(self, work: Work) -> None:
        """Keeps work until it is handed over."""
        self.waiting.append(work)
        self.bytes_waiting += work.size

    def take(self) -> list[Work]:
        """All that waits, which then waits no more."""
        works, self.waiting, self.bytes_waiting = self.waiting, [], 0
        return works

    def by_name(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        """The planes by name, out of all their bytes."""
        return {name: stretch.of(raw) for name, stretch in self.layout.items()}


def aim_of(task: Task, layout: Layout, address: int) -> Aim:
    """The aim of a task whose planes lie from `address` on."""
    across, along = spans_of(task)
    target = Target(
        **{name: address + stretch.start for name, stretch in layout.items()},
        flip=flip_of(task),
        planes=task.categories,
        other=task.other,
        is_wide=task.count_dtype == np.uint64,
    )
    return Aim(task, kernels_of(task), across, None if task.y is None else along, target)


def spans_of(task: Task) -> tuple[Span, Span]:
    """The region's extent on x and on y."""
    region = task.region
    if isinstance(region, FreeRegion):
        return FreeSpan(region.x0, region.x1, region.width), FreeSpan(region.y0, region.y1, region.height)
    return (
        LatticeSpan(region.ex, int(region.first_x), region.width),
        LatticeSpan(region.ey, int(region.first_y), region.height),
    )
