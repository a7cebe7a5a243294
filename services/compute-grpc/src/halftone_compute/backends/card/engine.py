"""The engine for GPUs: collects the work that the blocks of a picture make, hands it over, and reads planes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from typing_extensions import override

from halftone_compute.backends.base import Cancel, Canvas, Engine, EngineError, Task
from halftone_compute.backends.card.batch import Batcher
from halftone_compute.backends.card.column_cache import ColumnCache
from halftone_compute.backends.card.held import HeldPlanes, aim_of
from halftone_compute.backends.card.planes import finished, layout_of
from halftone_compute.backends.card.work import works_of
from halftone_compute.backends.several import opened, parts_of

if TYPE_CHECKING:
    from halftone_wire import Plane

    from halftone_compute.backends.card.device import Device
    from halftone_compute.store.base import Block

Memory = TypeVar("Memory")

# How much of one picture's work waits: so many blocks, or that part of the budget.
_BLOCKS_WAITING = 64
_SHARE_WAITING = 64
# Kernels number the cells of all planes of one kind with an int32.
_MOST_CELLS = 2**31


class CardEngine(Engine, Generic[Memory]):
    """Columns stay on the device, at most `budget` bytes of them, the least recently used go first."""

    name = "gpu"

    def __init__(self, device: Device[Memory], budget: int) -> None:
        self.device = device
        self.cache = ColumnCache(device, budget)
        self.batcher = Batcher(device)
        self.most_waiting = budget // _SHARE_WAITING

    @override
    def needs(self, task: Task) -> int:
        return sum(size for _, size in map(layout_of, parts_of(task)))

    @override
    def open(self, task: Task) -> Canvas:
        if task.cells * max(task.categories, 1) >= _MOST_CELLS:
            raise EngineError("out_of_memory", f"{task.cells} cells")
        return opened(task, self._canvas)

    @override
    def warm_up(self) -> None:
        """The kernels were compiled when the GPU was opened."""

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        """The same kernels serve free viewports."""

    @override
    def close(self) -> None:
        self.cache.clear()
        self.device.close()

    def _canvas(self, part: Task) -> CardCanvas[Memory]:
        layout, size = layout_of(part)
        memory = self.cache.allocate(size)
        self.device.clear(memory)
        aim = aim_of(part, layout, self.device.address(memory))
        return CardCanvas(self, part, HeldPlanes(memory, layout, size, aim))


@dataclass(frozen=True, slots=True)
class CardCanvas(Canvas, Generic[Memory]):
    """The planes of a task of at most one value accumulator."""

    engine: CardEngine[Memory]
    task: Task
    held: HeldPlanes[Memory]

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        cancel.check()
        if not len(block.values[self.task.x]):
            return
        for work in works_of(self.held, block, self.engine.cache):
            self.held.wait(work)
        if len(self.held.waiting) >= _BLOCKS_WAITING or self.held.bytes_waiting > self.engine.most_waiting:
            self._hand_over(cancel)

    @override
    def planes(self) -> list[Plane]:
        self._hand_over(Cancel())
        raw = np.empty(self.held.size, np.uint8)
        self.engine.device.download(self.held.memory, raw)
        return finished(self.task, self.held.by_name(raw))

    def _hand_over(self, cancel: Cancel) -> None:
        works = self.held.take()
        if works:
            self.engine.batcher.run(works, cancel)
