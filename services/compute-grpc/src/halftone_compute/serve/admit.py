"""Admission: a fair queue between users (pure), and the slots that its items take."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute import metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Item = TypeVar("Item")

RETRY_MS = 500


class FairQueue(Generic[Item]):
    """Serves users in turns, and each user's items in order, however many one has. Bounded."""

    def __init__(self, capacity: int, per_user: int) -> None:
        self._capacity = capacity
        self._per_user = per_user
        # The first user is next; an entry exists while it holds items.
        self._turns: OrderedDict[str, OrderedDict[Item, None]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def push(self, user: str, item: Item) -> None:
        """Raises `overloaded` when the queue, or this person's share of it, is full."""
        waiting = self._turns.get(user, OrderedDict())
        if self._size >= self._capacity or len(waiting) >= self._per_user:
            raise HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=RETRY_MS)
        self._turns.setdefault(user, waiting)[item] = None
        self._size += 1

    def pop(self) -> Item | None:
        """The next item, or None; its owner goes to the end of the line."""
        if not self._turns:
            return None
        user, waiting = self._turns.popitem(last=False)
        item, _ = waiting.popitem(last=False)
        if waiting:
            self._turns[user] = waiting
        self._size -= 1
        return item

    def remove(self, user: str, item: Item) -> None:
        """Takes out an item that no longer waits; nothing happens when it is not there."""
        waiting = self._turns.get(user)
        if waiting is None or item not in waiting:
            return
        del waiting[item]
        self._size -= 1
        if not waiting:
            del self._turns[user]


class Admission:
    """`slots` holders at a time; the others wait in a FairQueue. For one event loop."""

    def __init__(self, slots: int, capacity: int, per_user: int) -> None:
        self._slots = self._free = slots
        self._queue: FairQueue[asyncio.Future[None]] = FairQueue(capacity, per_user)
        metrics.SLOTS.set(slots)
        # Computed when it is read: a scaler must never see a value from before the last change.
        metrics.SLOT_LOAD.set_function(self.load)

    def load(self) -> float:
        """Pictures being made and waiting, over slots; from any thread."""
        return (self._slots - self._free + len(self._queue)) / self._slots

    @asynccontextmanager
    async def slot(self, user: str) -> AsyncIterator[None]:
        """Holds a slot for the length of the block. Raises `overloaded`; cancelling the wait leaves the queue."""
        await self._wait(user)
        metrics.SLOTS_BUSY.inc()
        try:
            yield
        finally:
            metrics.SLOTS_BUSY.dec()
            self._free += 1
            self._serve()

    async def _wait(self, user: str) -> None:
        started = time.perf_counter()
        turn = asyncio.get_running_loop().create_future()
        self._queue.push(user, turn)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(user, turn)
            raise
        metrics.QUEUE_SECONDS.observe(time.perf_counter() - started)

    def _leave(self, user: str, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            # The slot was given in the moment of the cancel.
            self._free += 1
        self._queue.remove(user, turn)
        self._serve()

    def _serve(self) -> None:
        while self._free and (turn := self._queue.pop()) is not None:
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
        metrics.QUEUE_WAITING.set(len(self._queue))
