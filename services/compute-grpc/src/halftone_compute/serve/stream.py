"""One Render stream: one reader, a task for each piece fetch, every write under one lock."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.telemetry import tracer, use_traceparent

from halftone_compute import metrics
from halftone_compute.errors import failure, known, new_request_id
from halftone_compute.render.job import MAX_DEADLINE_MS
from halftone_compute.serve.replies import piece_replies, sampled_replies

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator

    from halftone_compute.render.shared import RenderPart

# Piece fetches of one stream that may be open at the same time.
MAX_FETCHES = 2048
# Seconds that a draining stream goes on once a fetch has come too late for it: the client repeats that fetch elsewhere
# only when the stream ends.
LATE_S = 0.25

spans = tracer(__name__)
log = structlog.get_logger(__name__)


class RunFetch(Protocol):
    def __call__(self, fetch: compute_pb2.RenderAsk) -> AsyncGenerator[RenderPart]:
        """Pieces, then the receipt. Raises HalftoneError."""


@dataclass(eq=False)
class RenderStream:
    """Turns requests into tasks and their results into serialised replies. `handle` never waits."""

    run: RunFetch
    write: Callable[[bytes], Awaitable[None]]

    def __post_init__(self) -> None:
        self._lock = asyncio.Lock()
        self._fetches: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._late = asyncio.Event()

    def handle(self, request: compute_pb2.RenderRequest) -> None:
        """Starts or cancels a fetch. Raises `bad_message` for a request that is neither."""
        match request.WhichOneof("request"):
            case "ask" if self._is_draining:
                self._late.set()
            case "ask":
                self._begin(request.ask)
            case "cancel":
                self._cancel(request.cancel.request_id)
            case _:
                raise HalftoneError(ErrorCode.BAD_MESSAGE, "A request is an ask or a cancel.")

    def drain(self) -> None:
        """Open fetches go on; a further one gets no reply: the stream ends, and its client repeats it elsewhere."""
        self._is_draining = True

    async def finish(self) -> None:
        """Waits for every reply; at most LATE_S once a fetch came too late."""
        late = asyncio.create_task(self._late.wait())
        try:
            while self._tasks:
                done, _ = await asyncio.wait((*self._tasks, late), return_when=asyncio.FIRST_COMPLETED)
                if late in done:
                    await self._hurry()
        finally:
            late.cancel()

    async def _hurry(self) -> None:
        """Cancels fetches without a last reply within LATE_S. Clients repeat them elsewhere, like the late one."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LATE_S)
        self.close()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Cancels every fetch."""
        for task in self._fetches.values():
            task.cancel()

    def _begin(self, fetch: compute_pb2.RenderAsk) -> None:
        metrics.REQUESTS.labels("Render").inc()
        try:
            self._check(fetch)
        except HalftoneError as error:
            self._refuse(fetch.request_id, error)
            return
        self._fetches[fetch.request_id] = self._spawn(self._run(fetch))

    def _check(self, fetch: compute_pb2.RenderAsk) -> None:
        if fetch.request_id == 0 or fetch.request_id in self._fetches:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "A request id is not 0 and not in use.", "request_id")
        if fetch.deadline_ms == 0:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "A deadline is needed.", "deadline_ms")
        if fetch.deadline_ms > MAX_DEADLINE_MS:
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"At most {MAX_DEADLINE_MS} ms.", "deadline_ms")
        if len(self._fetches) >= MAX_FETCHES:
            raise HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=500)

    def _cancel(self, request_id: int) -> None:
        """Ends a fetch that is still open with a failure; an unknown id is one that has just ended."""
        task = self._fetches.pop(request_id, None)
        if task is not None:
            task.cancel()
            self._refuse(request_id, HalftoneError(ErrorCode.CANCELLED))

    def _refuse(self, request_id: int, error: HalftoneError) -> None:
        reply = compute_pb2.RenderReply(request_id=request_id, failure=failure(error))
        sending = self._write(reply.SerializeToString())
        # `_tasks` keeps it; the reader must not wait for a write.
        _ = self._spawn(sending)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Only a write can fail: the client has gone, and no reply reaches it.
            log.info("stream_lost", error=repr(error))
            self.close()

    async def _run(self, fetch: compute_pb2.RenderAsk) -> None:
        started = time.perf_counter()
        reply = compute_pb2.RenderReply(request_id=fetch.request_id)
        with use_traceparent(fetch.traceparent), spans.start_as_current_span("render"):
            try:
                async with asyncio.timeout(fetch.deadline_ms / 1000):
                    reply.done.CopyFrom(await self._pieces(fetch))
            except Exception as error:
                reply.failure.CopyFrom(failure(known(error, new_request_id())))
        # The client may use the id again as soon as it has this reply.
        self._fetches.pop(fetch.request_id, None)
        await self._send(reply.SerializeToString())
        metrics.REQUEST_SECONDS.labels("Render").observe(time.perf_counter() - started)

    async def _pieces(self, fetch: compute_pb2.RenderAsk) -> frame_pb2.Receipt:
        async with aclosing(self.run(fetch)) as items:
            async for item in items:
                if isinstance(item, frame_pb2.Receipt):
                    return item
                for reply in _replies(fetch.request_id, item):
                    await self._send(reply)
        raise RuntimeError("a job ended without a receipt")

    async def _send(self, reply: bytes) -> None:
        # A write that is cancelled half-way would let the next one begin too early and break the stream.
        await asyncio.shield(self._spawn(self._write(reply)))

    async def _write(self, reply: bytes) -> None:
        async with self._lock:
            await self.write(reply)


def _replies(
    request_id: int, item: list[compute_pb2.EncodedPiece] | compute_pb2.SampledPieces | compute_pb2.RenderProgress
) -> Iterator[bytes]:
    """What of a job goes out before its receipt, serialised."""
    if isinstance(item, compute_pb2.SampledPieces):
        return sampled_replies(request_id, item)
    if isinstance(item, compute_pb2.RenderProgress):
        return iter((compute_pb2.RenderReply(request_id=request_id, progress=item).SerializeToString(),))
    return piece_replies(request_id, item)
