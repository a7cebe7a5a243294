"""Admission: a fair queue between users (pure), and the slots that its items take."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute import metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

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

    def pop(self, may_have: Callable[[str], bool] = lambda user: True) -> Item | None:
        """The next item of a user who may have one, or None; its owner goes to the end of the line."""
        user = next(filter(may_have, self._turns), None)
        if user is None:
            return None
        waiting = self._turns.pop(user)
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


@dataclass(eq=False)
class _Turn:
    """The wait of one item for a slot, which `given` ends."""

    user: str
    given: asyncio.Future[None]


class Admission:
    """`slots` holders at a time; the others wait in a FairQueue. For one event loop.

    One more may hold a slot: a user who has none while another has several. So the second person waits for no scan.
    """

    def __init__(self, slots: int, capacity: int, per_user: int) -> None:
        self._slots = self._free = slots
        self._held: Counter[str] = Counter()
        self._queue: FairQueue[_Turn] = FairQueue(capacity, per_user)
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
            self._give_back(user)
            self._serve()

    async def _wait(self, user: str) -> None:
        started = time.perf_counter()
        turn = _Turn(user, asyncio.get_running_loop().create_future())
        self._queue.push(user, turn)
        self._serve()
        try:
            await turn.given
        except asyncio.CancelledError:
            self._leave(turn)
            raise
        metrics.QUEUE_SECONDS.observe(time.perf_counter() - started)

    def _leave(self, turn: _Turn) -> None:
        if turn.given.done() and not turn.given.cancelled():
            # The slot was given in the moment of the cancel.
            self._give_back(turn.user)
        self._queue.remove(turn.user, turn)
        self._serve()

    def _serve(self) -> None:
        while (turn := self._next()) is not None:
            if not turn.given.done():
                self._free -= 1
                self._held[turn.user] += 1
                turn.given.set_result(None)
        metrics.QUEUE_WAITING.set(len(self._queue))

    def _next(self) -> _Turn | None:
        if self._free > 0:
            return self._queue.pop()
        if self._free == 0 and any(count > 1 for count in self._held.values()):
            return self._queue.pop(lambda user: user not in self._held)
        return None

    def _give_back(self, user: str) -> None:
        self._free += 1
        self._held[user] -= 1
        if not self._held[user]:
            del self._held[user]
