"""An engine that fails by itself, as a GPU does, and is otherwise the CPU's: what it has made until then is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from halftone_compute.backends.base import Canvas, EngineError
from halftone_compute.backends.cpu.engine import CpuEngine
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.backends.base import Cancel, Reason, Task
    from halftone_compute.store.base import Block
    from halftone_wire import Plane


def nothing() -> None:
    """What comes before most failures."""


class FailingEngine(CpuEngine):
    """Fails for `reason` at the step `fails_at`, in `add` at its second block; never while `reason` is None."""

    name = "gpu"

    def __init__(
        self,
        reason: Reason | None = None,
        fails_at: str = "planes",
        *,
        spares: int = 0,
        before: Callable[[], None] = nothing,
    ) -> None:
        """The step goes well `spares` times. `before` is called before each failure."""
        self.reason = reason
        self.fails_at = fails_at
        self.asked: list[str] = []
        self.is_closed = False
        self.spares = spares
        self.before = before

    @override
    def needs(self, task: Task) -> int:
        self.step("needs")
        return super().needs(task)

    @override
    def open(self, task: Task) -> Canvas:
        self.step("open")
        return FailingCanvas(self, super().open(task))

    @override
    def warm_up(self) -> None:
        self.step("warm_up")

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        self.step("warm_up_free")

    @override
    def close(self) -> None:
        self.is_closed = True
        self.step("close")

    def step(self, name: str) -> None:
        self.asked.append(name)
        if self.reason is not None and name == self.fails_at and self.asked.count(name) > self.spares:
            self.before()
            raise EngineError(self.reason, f"at {name}")


@dataclass
class FailingCanvas(Canvas):
    """A canvas whose steps are those of its engine."""

    engine: FailingEngine
    canvas: Canvas

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        if block.start > 0:
            self.engine.step("add")
        self.canvas.add(block, cancel)

    @override
    def planes(self) -> list[Plane]:
        self.engine.step("planes")
        return self.canvas.planes()
