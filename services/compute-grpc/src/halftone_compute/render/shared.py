"""Passes over the rows, shared: a piece that is being made is never made twice at the same time."""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute import metrics
from halftone_compute.backends.base import Cancel
from halftone_compute.errors import known, new_request_id

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from halftone_compute.render.job import Order
    from halftone_compute.render.renderer import Renderer
    from halftone_compute.serve.admit import Admission

Item = compute_pb2.EncodedPiece | frame_pb2.Receipt | HalftoneError
Made: TypeAlias = list[compute_pb2.EncodedPiece] | frame_pb2.Receipt


@dataclass(eq=False)
class Pass:
    """One pass under way: who waits for it, and the pieces it has made so far."""

    order: Order
    cancel: Cancel = field(default_factory=Cancel)
    made: dict[bytes, compute_pb2.EncodedPiece] = field(default_factory=dict)
    waiters: dict[Waiter, set[bytes]] = field(default_factory=dict)
    has_begun: bool = False
    task: asyncio.Task[None] | None = None

    def join(self, waiter: Waiter, wanted: set[bytes]) -> None:
        self.waiters[waiter] = wanted
        for piece_id in wanted & self.made.keys():
            waiter.inbox.put_nowait(self.made[piece_id])

    def stop(self) -> None:
        """Ends the work: at once while it waits for a slot, else at its next look at the flag."""
        self.cancel.set()
        if not self.has_begun and self.task is not None:
            self.task.cancel()

    def deliver(self, piece: compute_pb2.EncodedPiece) -> None:
        self.made[piece.piece_id] = piece
        for waiter, wanted in self.waiters.items():
            if piece.piece_id in wanted:
                waiter.inbox.put_nowait(piece)

    def end(self, result: frame_pb2.Receipt | HalftoneError) -> None:
        for waiter in self.waiters:
            waiter.inbox.put_nowait(result)


@dataclass(eq=False)
class Waiter:
    """One order that waits for its passes."""

    number: int
    inbox: asyncio.Queue[Item] = field(default_factory=asyncio.Queue)
    passes: list[Pass] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        """Whether none of its work has begun."""
        return not any(found.has_begun for found in self.passes)

    async def arrived(self) -> list[Item]:
        """Waits for something, and takes whatever else is there."""
        items = [await self.inbox.get()]
        while not self.inbox.empty():
            items.append(self.inbox.get_nowait())
        return items


class Passes:
    """Runs orders in threads behind an Admission. For one event loop."""

    def __init__(self, renderer: Renderer, admission: Admission, slots: int) -> None:
        self._renderer = renderer
        self._admission = admission
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="render")
        self._by_piece: dict[bytes, Pass] = {}
        self._by_view: dict[tuple[int, str], Waiter] = {}
        self._running: set[Pass] = set()

    async def run(self, order: Order) -> AsyncGenerator[Made]:
        """The pieces, as many at a time as have been made meanwhile, then the receipt.

        Leaving the iterator early gives the work up.

        Raises the HalftoneError of the work, `overloaded`, or `cancelled` when a newer order took the place.
        """
        waiter = Waiter(order.number)
        self._supersede(order, waiter)
        try:
            self._join(order, waiter)
            receipts: list[frame_pb2.Receipt] = []
            while len(receipts) < len(waiter.passes):
                pieces: list[compute_pb2.EncodedPiece] = []
                for item in await waiter.arrived():
                    if isinstance(item, HalftoneError):
                        raise item
                    if isinstance(item, frame_pb2.Receipt):
                        receipts.append(item)
                    else:
                        pieces.append(item)
                if pieces:
                    yield pieces
            yield _merged(receipts, len(order.places))
        finally:
            for found in waiter.passes:
                self._leave(found, waiter)
            if order.view_key is not None and self._by_view.get(order.view_key) is waiter:
                del self._by_view[order.view_key]

    async def close(self) -> None:
        """Cancels what runs and frees the threads."""
        for found in self._running:
            found.stop()
        await asyncio.gather(*(found.task for found in self._running if found.task), return_exceptions=True)
        self._threads.shutdown(wait=True)

    def _supersede(self, order: Order, waiter: Waiter) -> None:
        if order.view_key is None:
            return
        other = self._by_view.get(order.view_key)
        superseded = HalftoneError(ErrorCode.CANCELLED, "A newer request took its place.")
        if other is not None and other.number > order.number:
            raise superseded
        if other is not None and other.is_waiting:
            other.inbox.put_nowait(superseded)
        self._by_view[order.view_key] = waiter

    def _join(self, order: Order, waiter: Waiter) -> None:
        shared: dict[Pass, set[bytes]] = {}
        for piece_id in order.places:
            if piece_id in self._by_piece:
                shared.setdefault(self._by_piece[piece_id], set()).add(piece_id)
        missing = {piece_id: place for piece_id, place in order.places.items() if piece_id not in self._by_piece}
        for found, wanted in shared.items():
            found.join(waiter, wanted)
            metrics.PIECES_SHARED.inc(len(wanted))
        waiter.passes.extend(shared)
        if missing:
            fresh = Pass(replace(order, places=missing))
            fresh.join(waiter, set(missing))
            waiter.passes.append(fresh)
            self._start(fresh)

    def _start(self, fresh: Pass) -> None:
        self._by_piece.update(dict.fromkeys(fresh.order.places, fresh))
        self._running.add(fresh)
        fresh.task = asyncio.create_task(self._work(fresh))

    def _leave(self, left: Pass, waiter: Waiter) -> None:
        """The last one to leave ends the work, and nobody can join it any more."""
        left.waiters.pop(waiter, None)
        if not left.waiters:
            self._forget(left)
            left.stop()

    def _forget(self, ended: Pass) -> None:
        for piece_id in ended.order.places:
            if self._by_piece.get(piece_id) is ended:
                del self._by_piece[piece_id]

    async def _work(self, current: Pass) -> None:
        try:
            async with self._admission.slot(current.order.grant.subject):
                current.has_begun = True
                result: frame_pb2.Receipt | HalftoneError = await self._in_thread(current)
        except asyncio.CancelledError:
            result = HalftoneError(ErrorCode.CANCELLED)
        except HalftoneError as error:
            result = error
        except Exception as error:
            result = known(error, new_request_id())
        finally:
            self._forget(current)
            self._running.discard(current)
        current.end(result)

    async def _in_thread(self, current: Pass) -> frame_pb2.Receipt:
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()

        def emit(piece: compute_pb2.EncodedPiece) -> None:
            loop.call_soon_threadsafe(current.deliver, piece)

        def work() -> frame_pb2.Receipt:
            return context.run(self._renderer.render, current.order, current.cancel, emit)

        return await loop.run_in_executor(self._threads, work)


def _merged(receipts: list[frame_pb2.Receipt], pieces: int) -> frame_pb2.Receipt:
    """One receipt for an order that several passes served; times and rows add up, and what went worst is told."""
    merged = frame_pb2.Receipt()
    merged.CopyFrom(next((found for found in receipts if found.degraded), receipts[0]))
    merged.pieces_total = pieces
    merged.rows_scanned = sum(found.rows_scanned for found in receipts)
    names = dict.fromkeys(stage.name for found in receipts for stage in found.stages)
    del merged.stages[:]
    for name in names:
        merged.stages.add(name=name, ms=sum(s.ms for found in receipts for s in found.stages if s.name == name))
    return merged
