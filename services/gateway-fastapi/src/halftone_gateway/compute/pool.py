"""Requests to the compute services: each goes to the service that its key prefers, and to another if that one fails.

A service that goes away causes no errors. While it stops in good order it answers what it has; requests that it
refuses or leaves unanswered are placed on another service.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

import grpc.aio
import structlog
from halftone.v1.compute_pb2 import Failure, RenderAsk, RenderCancel, RenderReply, RenderRequest
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.discovery.affinity import Choice, Pools
from halftone_gateway.compute.request import Receiver, Request
from halftone_gateway.compute.router import Router
from halftone_gateway.compute.stream import CallEnd, Stream, StreamStatus
from halftone_gateway.metrics import COMPUTE_CONNECTED, COMPUTE_TARGETS, RENDER_WAITING, RENDERS, RENDERS_MOVED, SPILLS

# Compute keeps the deadline itself; the gateway gives up this much later if it does not.
_SLACK_S: Final = 0.5
# Not given to a third process when two broke under it.
_ATTEMPTS: Final = 2
# Grace period for streams removed from discovery.
_RETIRE_S: Final = 5.0
# `degraded` of a frame with pieces from a pool that is used only while none of the best pool can be reached.
SPARE_POOL: Final = "spare_pool"

log = structlog.get_logger(__name__)


class Pool:
    """A stream to every service that discovery names, and the requests on them.

    `on_connected` is called each time a service can be reached (again).
    """

    def __init__(self, dialer: Dialer, wait_s: float, on_connected: Callable[[], None]) -> None:
        self._dialer = dialer
        self._wait_s = wait_s
        self._on_connected = on_connected
        # Whether a service has ever been reached: names, certificates and the network path are right.
        self.reached = False
        self._pools: Pools = ()
        # Those that discovery names. Retired streams are held by their requests alone.
        self._streams: dict[str, Stream] = {}
        self._requests: dict[int, Request] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many services take requests."""
        return len(self._live())

    def update(self, pools: Pools) -> None:
        """Opens streams to services that are new, and retires those that are no longer named."""
        self._pools = pools
        named = {target for pool in pools for target in pool}
        for target in named - self._streams.keys():
            self._streams[target] = Stream(target, self._dialer, self)
        for target in self._streams.keys() - named:
            self._retire(self._streams.pop(target))
        for place, pool in enumerate(pools, start=1):
            COMPUTE_TARGETS.labels(str(place)).set(len(pool))
        self._count()

    def prefer(self, key: str, excluding: Collection[str] = ()) -> Choice | None:
        """The service for a request of this key now; None while none can be reached."""
        return self._router().prefer(key, excluding)

    def channel(self, key: str, excluding: Collection[str] = ()) -> tuple[str, grpc.aio.Channel] | None:
        """The service for a call of this key now and the channel to it; None while none can be reached."""
        choice = self.prefer(key, excluding)
        channel = None if choice is None else self._streams[choice.target].channel
        return None if choice is None or channel is None else (choice.target, channel)

    def ask(self, ask: RenderAsk, key: str, receiver: Receiver) -> None:
        """Sends a request on its way. Its id is unique in the process."""
        now = asyncio.get_running_loop().time()
        request = Request(ask, key, receiver, now + ask.deadline_ms / 1000)
        self._requests[ask.request_id] = request
        self._place(request)

    def cancel(self, request_id: int) -> None:
        """Ends a request; its receiver is not called any more."""
        request = self._forget(request_id)
        if request is None:
            return
        RENDERS.labels("cancelled").inc()
        stream = request.stream
        # A request that is still queued needs no cancel.
        if stream and not stream.take_back(request_id) and stream.status is not StreamStatus.CONNECTING:
            stream.put(request_id, RenderRequest(cancel=RenderCancel(request_id=request_id)))

    async def close(self) -> None:
        """Ends every stream; requests under way get no answer."""
        streams = {*self._streams.values(), *(request.stream for request in self._requests.values() if request.stream)}
        for request_id in list(self._requests):
            self._forget(request_id)
        self._streams.clear()
        await asyncio.gather(*(stream.close() for stream in streams), *self._tasks)

    # Called by streams

    def opened(self, stream: Stream) -> None:
        self.reached = True
        self._count()
        for request in [request for request in self._requests.values() if request.stream is None]:
            self._place(request)
        self._on_connected()

    def about_to_write(self, stream: Stream, request: RenderRequest) -> None:
        known = self._requests.get(request.ask.request_id)
        if known is not None and request.HasField("ask"):
            known.written = True
            left = known.deadline - asyncio.get_running_loop().time()
            request.ask.deadline_ms = max(1, int(left * 1000))

    def replied(self, stream: Stream, reply: RenderReply) -> None:
        request = self._requests.get(reply.request_id)
        if request is None or request.stream is not stream:
            return
        match reply.WhichOneof("reply"):
            case "pieces":
                request.receiver.pieces(list(reply.pieces.pieces))
            case "sampled":
                request.receiver.sampled(reply.sampled)
            case "progress":
                request.receiver.progressed(reply.progress.share)
            case "done":
                self._forget(reply.request_id)
                RENDERS.labels("done").inc()
                if not reply.done.degraded and self._router().is_spare(stream.target):
                    reply.done.degraded = SPARE_POOL
                request.receiver.done(reply.done)
            case _:
                self._refused(stream, request, reply.failure)
        self._close_if_idle(stream)

    def ended(self, stream: Stream, end: CallEnd) -> None:
        self._count()
        for request in self._of(stream):
            # A service that stops in good order did not break because of a request.
            request.attempts += request.written and end is CallEnd.BROKEN
            if request.attempts >= _ATTEMPTS:
                self._fail(request, HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE))
            else:
                self._move(request, end.name.lower())
        self._close_if_idle(stream)

    # Where requests go

    def _router(self) -> Router:
        loads = Counter(request.stream.target for request in self._requests.values() if request.stream is not None)
        return Router(self._pools, self._live(), loads)

    def _live(self) -> frozenset[str]:
        return frozenset(target for target, stream in self._streams.items() if stream.status is StreamStatus.LIVE)

    def _place(self, request: Request, excluding: Collection[str] = ()) -> None:
        choice = self.prefer(request.key, excluding)
        now = asyncio.get_running_loop().time()
        request.written = False
        if choice is None:
            request.stream = None
            self._watch(request, min(request.deadline, now + self._wait_s))
        else:
            SPILLS.inc(choice.spilled)
            request.stream = self._streams[choice.target]
            request.stream.put(request.ask.request_id, RenderRequest(ask=request.ask))
            self._watch(request, request.deadline + _SLACK_S)
        self._count_waiting()

    def _move(self, request: Request, reason: str, excluding: Collection[str] = ()) -> None:
        RENDERS_MOVED.labels(reason).inc()
        self._place(request, excluding)

    def _refused(self, stream: Stream, request: Request, failure: Failure) -> None:
        if failure.code == ErrorCode.COMPUTE_UNAVAILABLE:
            # The service is about to stop; its call ends soon.
            stream.refuse_more()
            self._count()
            self._move(request, "refused")
        elif failure.code == ErrorCode.OVERLOADED and self._has_alternative(request, stream):
            request.was_overloaded = True
            self._move(request, "overloaded", excluding={stream.target})
        else:
            error = HalftoneError(failure.code, failure.detail, failure.field, failure.retry_after_ms)
            self._fail(request, error)

    def _has_alternative(self, request: Request, stream: Stream) -> bool:
        """Whether a request may try another service: once only."""
        return not request.was_overloaded and self.prefer(request.key, excluding={stream.target}) is not None

    def _retire(self, stream: Stream) -> None:
        stream.retire()
        self._close_if_idle(stream)
        if self._of(stream):
            asyncio.get_running_loop().call_later(_RETIRE_S, self._give_up, stream)

    def _give_up(self, stream: Stream) -> None:
        for request in self._of(stream):
            self._move(request, "gone")
        self._close_if_idle(stream)

    def _close_if_idle(self, stream: Stream) -> None:
        if stream.status is StreamStatus.RETIRED and not self._of(stream):
            task = asyncio.create_task(stream.close())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _of(self, stream: Stream) -> list[Request]:
        return [request for request in self._requests.values() if request.stream is stream]

    # Counting

    def _count(self) -> None:
        COMPUTE_CONNECTED.set(self.connected)

    def _count_waiting(self) -> None:
        RENDER_WAITING.set(sum(request.stream is None for request in self._requests.values()))

    # The end of a request

    def _watch(self, request: Request, until: float) -> None:
        if request.timer:
            request.timer.cancel()
        request.timer = asyncio.get_running_loop().call_at(until, self._expire, request)

    def _expire(self, request: Request) -> None:
        code = ErrorCode.DEADLINE_EXCEEDED if request.stream else ErrorCode.COMPUTE_UNAVAILABLE
        if request.stream:
            request.stream.take_back(request.ask.request_id)
        self._fail(request, HalftoneError(code))

    def _fail(self, request: Request, error: HalftoneError) -> None:
        self._forget(request.ask.request_id)
        RENDERS.labels(error.code.value).inc()
        request.receiver.failed(error)

    def _forget(self, request_id: int) -> Request | None:
        request = self._requests.pop(request_id, None)
        if request is not None:
            if request.timer:
                request.timer.cancel()
            if request.stream is None:
                self._count_waiting()
        return request
