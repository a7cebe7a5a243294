"""The engine for cards: collects the work that the blocks of a picture make, hands it over, and reads planes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from typing_extensions import override

from halftone_compute.backends.base import Backend, Cancel, EngineError, Task
from halftone_compute.backends.card.batch import Batcher
from halftone_compute.backends.card.canvas import Canvas
from halftone_compute.backends.card.planes import finished, layout_of
from halftone_compute.backends.card.shelf import Shelf
from halftone_compute.backends.card.work import aim_of, work_of
from halftone_compute.store.base import Block

if TYPE_CHECKING:
    from halftone_wire.planes import Plane

    from halftone_compute.backends.card.device import Device

Memory = TypeVar("Memory")

# How much of one picture's work waits: so many blocks, or that part of the budget.
_BLOCKS_WAITING = 64
_SHARE_WAITING = 64
# Kernels number the cells of all planes of one kind with an int32.
_MOST_CELLS = 2**31


class CardBackend(Backend[Canvas[Memory], Block], Generic[Memory]):
    """Columns stay on the device, at most `budget` bytes of them, the least recently used go first."""

    name = "gpu"

    def __init__(self, device: Device[Memory], budget: int) -> None:
        self.device = device
        self.shelf = Shelf(device, budget)
        self._batcher = Batcher(device)
        self._most_waiting = budget // _SHARE_WAITING

    @override
    def needs(self, task: Task) -> int:
        _, size = layout_of(task)
        return size

    @override
    def create(self, task: Task) -> Canvas[Memory]:
        if task.cells * max(task.categories, 1) >= _MOST_CELLS:
            raise EngineError("out_of_memory", f"{task.cells} cells")
        layout, size = layout_of(task)
        memory = self.shelf.allocate(size)
        self.device.clear(memory)
        return Canvas(memory, layout, size, aim_of(task, layout, self.device.address(memory)))

    @override
    def place(self, block: Block) -> Block:
        """As it is: what goes to the card, and in which form, is told by the task."""
        return block

    @override
    def aggregate(self, task: Task, canvas: Canvas[Memory], rows: Block, cancel: Cancel) -> None:
        cancel.check()
        if not len(rows.values[task.x]):
            return
        work = work_of(canvas, rows, self.shelf)
        if work is not None:
            canvas.add(work)
        if len(canvas.waiting) >= _BLOCKS_WAITING or canvas.bytes_waiting > self._most_waiting:
            self._hand_over(canvas, cancel)

    @override
    def to_host(self, task: Task, canvas: Canvas[Memory]) -> list[Plane]:
        self._hand_over(canvas, Cancel())
        raw = np.empty(canvas.size, np.uint8)
        self.device.download(canvas.memory, raw)
        return finished(task, canvas.planes(raw))

    @override
    def warm_up(self) -> None:
        """The kernels were compiled when the card was opened."""

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        """The same kernels serve free viewports."""

    @override
    def close(self) -> None:
        self.shelf.clear()
        self.device.close()

    def _hand_over(self, canvas: Canvas[Memory], cancel: Cancel) -> None:
        works = canvas.take()
        if works:
            self._batcher.run(works, cancel)
