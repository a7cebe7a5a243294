"""Scans that several jobs share: a piece that is being made is never made twice at the same time."""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.receipts import merge

from halftone_compute import metrics
from halftone_compute.backends.base import Cancel
from halftone_compute.errors import known, new_request_id

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractAsyncContextManager

    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.renderer import Renderer

# Pieces of one job that come within this time (s) go on together: each batch costs every stream behind it a message.
BATCH_S = 0.005
# How often (s) the share of a scan that is done is looked at, and said if it has grown.
PROGRESS_S = 0.25
# What comes before the receipt beside pieces, for jobs that may be approximate.
_Meanwhile: TypeAlias = compute_pb2.SampledPieces | compute_pb2.RenderProgress
# Pieces as they come, and last the receipt.
RenderPart: TypeAlias = list[compute_pb2.EncodedPiece] | _Meanwhile | frame_pb2.Receipt
_Item: TypeAlias = compute_pb2.EncodedPiece | _Meanwhile | frame_pb2.Receipt | HalftoneError
_Inbox: TypeAlias = "asyncio.Queue[_Item]"


class Slots(Protocol):
    def slot(self, user: str) -> AbstractAsyncContextManager[None]:
        """Holds a slot for the length of the block. Raises `overloaded`."""


@dataclass(eq=False)
class SharedScan:
    """One scan under way: the jobs that wait for it, and the pieces it has made so far."""

    job: RenderJob
    cancel: Cancel = field(default_factory=Cancel)
    made: dict[bytes, compute_pb2.EncodedPiece] = field(default_factory=dict)
    sampled: list[compute_pb2.SampledPieces] = field(default_factory=list)
    waiters: dict[Waiter, set[bytes]] = field(default_factory=dict)
    has_begun: bool = False
    task: asyncio.Task[None] | None = None

    def join(self, waiter: Waiter, wanted: set[bytes]) -> None:
        self.waiters[waiter] = wanted
        for sampled in self.sampled:
            self._send_sampled(sampled, waiter, wanted)
        for piece_id in wanted & self.made.keys():
            waiter.inbox.put_nowait(self.made[piece_id])

    def stop(self) -> None:
        """Ends the work: at once while it waits for a slot, else when the engine next checks the flag."""
        self.cancel.set()
        if not self.has_begun and self.task is not None:
            self.task.cancel()

    def deliver(self, piece: compute_pb2.EncodedPiece) -> None:
        self.made[piece.piece_id] = piece
        for waiter, wanted in self.waiters.items():
            if piece.piece_id in wanted:
                waiter.inbox.put_nowait(piece)

    def deliver_sampled(self, sampled: compute_pb2.SampledPieces) -> None:
        self.sampled.append(sampled)
        for waiter, wanted in self.waiters.items():
            self._send_sampled(sampled, waiter, wanted)

    def _send_sampled(self, sampled: compute_pb2.SampledPieces, waiter: Waiter, wanted: set[bytes]) -> None:
        """Those that stand for pieces that are wanted, and not made yet."""
        left = wanted - self.made.keys()
        pieces = [piece for piece in sampled.pieces if piece.stands_for in left]
        if pieces and waiter.approximate:
            waiter.inbox.put_nowait(compute_pb2.SampledPieces(fraction=sampled.fraction, pieces=pieces))

    async def tell_progress(self) -> None:
        """Tells the waiters how much is done, each time that it has grown; never returns."""
        said = 0.0
        while True:
            await asyncio.sleep(PROGRESS_S)
            if self.cancel.share > said:
                said = self.cancel.share
                for waiter in self.waiters:
                    if waiter.approximate:
                        waiter.inbox.put_nowait(compute_pb2.RenderProgress(share=waiter.share))

    def end(self, result: frame_pb2.Receipt | HalftoneError) -> None:
        self.cancel.advance(1.0)
        for waiter in self.waiters:
            waiter.inbox.put_nowait(result)


@dataclass(eq=False)
class Waiter:
    """One job that waits for its scans."""

    number: int
    approximate: bool = False
    inbox: _Inbox = field(default_factory=asyncio.Queue)
    scans: list[SharedScan] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        """Whether none of its scans has begun."""
        return not any(scan.has_begun for scan in self.scans)

    @property
    def share(self) -> float:
        """How much of the scan is done that is least far."""
        return min(scan.cancel.share for scan in self.scans)

    async def arrived(self) -> list[_Item]:
        """Waits for one item, and takes what follows a piece within BATCH_S."""
        items = [await self.inbox.get()]
        with suppress(TimeoutError):
            async with asyncio.timeout(BATCH_S):
                while isinstance(items[-1], compute_pb2.EncodedPiece):
                    items.append(await self.inbox.get())
        return items


class SharedScans:
    """Runs jobs in threads, each scan in a slot. For one event loop."""

    def __init__(self, renderer: Renderer, slots: Slots, threads: int) -> None:
        self._renderer = renderer
        self._slots = slots
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="render")
        # By piece, and whether it is packed.
        self._by_piece: dict[tuple[bytes, bool], SharedScan] = {}
        self._by_view: dict[tuple[int, str], Waiter] = {}
        self._running: set[SharedScan] = set()

    async def run(self, job: RenderJob) -> AsyncGenerator[RenderPart]:
        """The pieces, as many at a time as were made since the last, then the receipt. Before them those of a sample,
        and how much is done, if the job may be approximate.

        Leaving the iterator early gives the job up.

        Raises the HalftoneError of the work, `overloaded`, or `cancelled` when a newer job took the place.
        """
        waiter = Waiter(job.number, job.approximate)
        self._supersede(job, waiter)
        try:
            self._join(job, waiter)
            receipts: list[frame_pb2.Receipt] = []
            while len(receipts) < len(waiter.scans):
                pieces: list[compute_pb2.EncodedPiece] = []
                for item in await waiter.arrived():
                    if isinstance(item, HalftoneError):
                        raise item
                    if isinstance(item, frame_pb2.Receipt):
                        receipts.append(item)
                    elif isinstance(item, compute_pb2.EncodedPiece):
                        pieces.append(item)
                    else:
                        yield item
                if pieces:
                    yield pieces
            receipt = merge(receipts)
            # Pieces that a shared scan made for other jobs alone are not of this one.
            receipt.pieces_total = len(job.places)
            yield receipt
        finally:
            for scan in waiter.scans:
                self._leave(scan, waiter)
            if job.view_key is not None and self._by_view.get(job.view_key) is waiter:
                del self._by_view[job.view_key]

    async def close(self) -> None:
        """Cancels what runs and frees the threads."""
        for scan in self._running:
            scan.stop()
        await asyncio.gather(*(scan.task for scan in self._running if scan.task), return_exceptions=True)
        self._threads.shutdown(wait=True)

    def _supersede(self, job: RenderJob, waiter: Waiter) -> None:
        if job.view_key is None:
            return
        other = self._by_view.get(job.view_key)
        superseded = HalftoneError(ErrorCode.CANCELLED, "A newer request took its place.")
        if other is not None and other.number > job.number:
            raise superseded
        if other is not None and other.is_waiting:
            other.inbox.put_nowait(superseded)
        self._by_view[job.view_key] = waiter

    def _join(self, job: RenderJob, waiter: Waiter) -> None:
        shared: dict[SharedScan, set[bytes]] = {}
        missing = dict(job.places)
        for piece_id in job.places:
            scan = self._by_piece.get((piece_id, job.packs))
            if scan is not None:
                shared.setdefault(scan, set()).add(piece_id)
                del missing[piece_id]
        for scan, wanted in shared.items():
            scan.join(waiter, wanted)
            metrics.PIECES_SHARED.inc(len(wanted))
        waiter.scans.extend(shared)
        if missing:
            fresh = SharedScan(replace(job, places=missing))
            fresh.join(waiter, set(missing))
            waiter.scans.append(fresh)
            self._start(fresh)

    def _start(self, fresh: SharedScan) -> None:
        self._by_piece.update({(piece_id, fresh.job.packs): fresh for piece_id in fresh.job.places})
        self._running.add(fresh)
        fresh.task = asyncio.create_task(self._work(fresh))

    def _leave(self, left: SharedScan, waiter: Waiter) -> None:
        """The last job to leave ends the scan; no job can join it after that."""
        left.waiters.pop(waiter, None)
        if not left.waiters:
            self._forget(left)
            left.stop()

    def _forget(self, ended: SharedScan) -> None:
        for piece_id in ended.job.places:
            key = (piece_id, ended.job.packs)
            if self._by_piece.get(key) is ended:
                del self._by_piece[key]

    async def _work(self, scan: SharedScan) -> None:
        try:
            async with self._slots.slot(scan.job.grant.subject):
                scan.has_begun = True
                result: frame_pb2.Receipt | HalftoneError = await self._in_thread(scan)
        except asyncio.CancelledError:
            result = HalftoneError(ErrorCode.CANCELLED)
        except HalftoneError as error:
            result = error
        except Exception as error:
            result = known(error, new_request_id())
        finally:
            self._forget(scan)
            self._running.discard(scan)
        scan.end(result)

    async def _in_thread(self, scan: SharedScan) -> frame_pb2.Receipt:
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()

        def emit(piece: compute_pb2.EncodedPiece) -> None:
            loop.call_soon_threadsafe(scan.deliver, piece)

        def emit_sampled(sampled: compute_pb2.SampledPieces) -> None:
            loop.call_soon_threadsafe(scan.deliver_sampled, sampled)

        def work() -> frame_pb2.Receipt:
            return context.run(self._renderer.render, scan.job, scan.cancel, emit, emit_sampled)

        telling = asyncio.create_task(scan.tell_progress())
        try:
            return await loop.run_in_executor(self._threads, work)
        finally:
            telling.cancel()
