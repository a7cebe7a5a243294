"""An engine that fails by itself, as a card does, and is otherwise the CPU's: what it has made until then is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_compute.backends.base import EngineError
from halftone_compute.backends.cpu.engine import CpuBackend
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.backends.base import Cancel, Reason, Task
    from halftone_compute.backends.cpu.engine import CpuCanvas
    from halftone_compute.store.base import Block
    from halftone_wire.planes import Plane


def nothing() -> None:
    """What comes before most failures."""


class FailingBackend(CpuBackend):
    """Fails for `reason` at the step `fails_at`, in `aggregate` at its second block; never while `reason` is None."""

    name = "gpu"

    def __init__(
        self,
        reason: Reason | None = None,
        fails_at: str = "to_host",
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
        self._step("needs")
        return super().needs(task)

    @override
    def create(self, task: Task) -> CpuCanvas:
        self._step("create")
        return super().create(task)

    @override
    def aggregate(self, task: Task, canvas: CpuCanvas, rows: Block, cancel: Cancel) -> None:
        if rows.start > 0:
            self._step("aggregate")
        super().aggregate(task, canvas, rows, cancel)

    @override
    def to_host(self, task: Task, canvas: CpuCanvas) -> list[Plane]:
        self._step("to_host")
        return super().to_host(task, canvas)

    @override
    def warm_up(self) -> None:
        self._step("warm_up")

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        self._step("warm_up_free")

    @override
    def close(self) -> None:
        self.is_closed = True
        self._step("close")

    def _step(self, name: str) -> None:
        self.asked.append(name)
        if self.reason is not None and name == self.fails_at and self.asked.count(name) > self.spares:
            self.before()
            raise EngineError(self.reason, f"at {name}")
