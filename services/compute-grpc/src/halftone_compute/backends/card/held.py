"""The planes of one picture on the GPU, and the work for them that was not yet handed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np

    from halftone_compute.backends.card.batch import Work
    from halftone_compute.backends.card.planes import Layout
    from halftone_compute.backends.card.work import Aim

Memory = TypeVar("Memory")


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
