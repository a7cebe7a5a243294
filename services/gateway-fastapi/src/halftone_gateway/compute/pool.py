"""Requests to the compute services: each to the service that its key prefers, and to another when that one fails it.

A service that goes costs nobody an error. While it stops in good order it answers what it has; what it refuses, or
leaves unanswered, is asked again elsewhere.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog
from halftone.v1.compute_pb2 import EncodedPiece, Failure, RenderAsk, RenderCancel, RenderReply, RenderRequest
from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.discovery.affinity import Choice, Pools, choose
from halftone_gateway.compute.stream import End, Stream
from halftone_gateway.metrics import COMPUTE_CONNECTED, COMPUTE_TARGETS, RENDER_WAITING, RENDERS, RENDERS_MOVED, SPILLS

# Compute answers at its deadline by itself; this is for the case that it does not.
_SLACK_S: Final = 0.5
# The first time and once more: a request that ended two processes is not given to a third.
_ATTEMPTS: Final = 2
# So long a service that is no longer named may answer what it has.
_RETIRE_S: Final = 5.0

# The reason of a frame whose pieces came from a pool that is there for when nothing better can be reached.
SPARE_POOL: Final = "spare_pool"

log = structlog.get_logger(__name__)


class Sink(Protocol):
    """Who waits for a request; after `done` or `failed` nothing more comes."""

    def pieces(self, pieces: list[EncodedPiece]) -> None: ...
    def done(self, receipt: Receipt) -> None: ...
    def failed(self, error: HalftoneError) -> None: ...


@dataclass(slots=True, eq=False)
class Request:
    """An ask on its way; without a stream it waits for a service. Times are on the clock of the event loop."""

    ask: RenderAsk
    key: str
    sink: Sink
    deadline: float
    stream: Stream | None = None
    written: bool = False
    attempts: int = 0
    was_overloaded: bool = False
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


class Pool:
    """A stream to every service that is named, and the requests on them. `on_connected`: one can be reached (again)."""

    def __init__(self, dialer: Dialer, wait_s: float, on_connected: Callable[[], None]) -> None:
        self._dialer = dialer
        self._wait_s = wait_s
        self._on_connected = on_connected
        # Whether a service has ever been reached: names, certificates and the way there are right.
        self.reached = False
        self._pools: Pools = ()
        self._streams: dict[str, Stream] = {}
        # Answer what they have, and get nothing more: no longer named, or about to stop by their own word.
        self._retired: set[Stream] = set()
        self._draining: set[Stream] = set()
        self._requests: dict[int, Request] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many services take requests."""
        return sum(self._takes(target) for target in self._streams)

    def update(self, pools: Pools) -> None:
        """Opens streams to services that are new, and lets go of those that are no longer named."""
        self._pools = pools
        named = {target for pool in pools for target in pool}
        for target in named - self._streams.keys():
            self._streams[target] = Stream(target, self._dialer, self)
        for target in self._streams.keys() - named:
            self._retire(self._streams.pop(target))
        for place, pool in enumerate(pools, start=1):
            COMPUTE_TARGETS.labels(str(place)).set(len(pool))
        self._count()

    def prefer(self, key: str) -> Choice | None:
        """Who would get a request of this key now; None while no service can be reached."""
        takers = [[target for target in pool if self._takes(target)] for pool in self._pools]
        return choose(takers, key, self._loads())

    def ask(self, ask: RenderAsk, key: str, sink: Sink) -> None:
        """Sends an ask on its way. Its request id is unique in the process."""
        now = asyncio.get_running_loop().time()
        request = Request(ask, key, sink, now + ask.deadline_ms / 1000)
        self._requests[ask.request_id] = request
        self._place(request)

    def cancel(self, request_id: int) -> None:
        """Nothing more is heard of the request."""
        request = self._forget(request_id)
        if request is None:
            return
        RENDERS.labels("cancelled").inc()
        stream = request.stream
        # What was never written need not be taken back.
        if stream and not stream.take_back(request_id) and stream.connected:
            stream.put(request_id, RenderRequest(cancel=RenderCancel(request_id=request_id)))

    async def close(self) -> None:
        """Ends every stream; requests under way get no answer."""
        for request_id in list(self._requests):
            self._forget(request_id)
        streams = [*self._streams.values(), *self._retired]
        self._streams.clear()
        self._retired.clear()
        await asyncio.gather(*(stream.close() for stream in streams), *self._tasks)

    # What streams tell

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
                request.sink.pieces(list(reply.pieces.pieces))
            case "done":
                self._forget(reply.request_id)
                RENDERS.labels("done").inc()
                if not reply.done.degraded and self._is_spare(stream.target):
                    reply.done.degraded = SPARE_POOL
                request.sink.done(reply.done)
            case _:
                self._refused(stream, request, reply.failure)
        self._close_if_idle(stream)

    def ended(self, stream: Stream, end: End) -> None:
        self._draining.discard(stream)
        self._count()
        for request in self._of(stream):
            # One that stops in good order has not come to grief by what it was asked.
            request.attempts += request.written and end is End.BROKEN
            if request.attempts >= _ATTEMPTS:
                self._fail(request, HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE))
            else:
                self._move(request, end.name.lower())
        self._close_if_idle(stream)

    # Where requests go

    def _place(self, request: Request) -> None:
        choice = self.prefer(request.key)
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
        RENDER_WAITING.set(sum(one.stream is None for one in self._requests.values()))

    def _move(self, request: Request, reason: str) -> None:
        RENDERS_MOVED.labels(reason).inc()
        self._place(request)

    def _refused(self, stream: Stream, request: Request, failure: Failure) -> None:
        if failure.code == ErrorCode.COMPUTE_UNAVAILABLE:
            # It is about to stop; its stream ends soon.
            self._draining.add(stream)
            self._count()
            self._move(request, "refused")
        elif failure.code == ErrorCode.OVERLOADED and not request.was_overloaded and self._has_another(stream):
            request.was_overloaded = True
            self._elsewhere(request, stream)
        else:
            error = HalftoneError(failure.code, failure.detail, failure.field, failure.retry_after_ms)
            self._fail(request, error)

    def _elsewhere(self, request: Request, stream: Stream) -> None:
        """Past the service that has no room, for this one choice."""
        draining = stream in self._draining
        self._draining.add(stream)
        self._move(request, "overloaded")
        if not draining:
            self._draining.discard(stream)

    def _retire(self, stream: Stream) -> None:
        self._retired.add(stream)
        self._close_if_idle(stream)
        if stream in self._retired:
            asyncio.get_running_loop().call_later(_RETIRE_S, self._give_up, stream)

    def _give_up(self, stream: Stream) -> None:
        for request in self._of(stream):
            self._move(request, "gone")
        self._close_if_idle(stream)

    def _close_if_idle(self, stream: Stream) -> None:
        if stream in self._retired and not self._of(stream):
            self._retired.discard(stream)
            # A stream that is closed from here tells of no end.
            self._draining.discard(stream)
            task = asyncio.create_task(stream.close())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    # Counting

    def _takes(self, target: str) -> bool:
        stream = self._streams.get(target)
        return stream is not None and stream.connected and stream not in self._draining

    def _is_spare(self, target: str) -> bool:
        """Whether it is there only for when nothing better can be reached."""
        best, *spare = self._pools or ((),)
        return target not in best and any(target in pool for pool in spare)

    def _has_another(self, stream: Stream) -> bool:
        return self.connected > self._takes(stream.target)

    def _loads(self) -> dict[str, int]:
        loads: dict[str, int] = {}
        for request in self._requests.values():
            if request.stream is not None:
                loads[request.stream.target] = loads.get(request.stream.target, 0) + 1
        return loads

    def _of(self, stream: Stream) -> list[Request]:
        return [request for request in self._requests.values() if request.stream is stream]

    def _count(self) -> None:
        COMPUTE_CONNECTED.set(self.connected)

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
        request.sink.failed(error)

    def _forget(self, request_id: int) -> Request | None:
        request = self._requests.pop(request_id, None)
        if request is not None:
            if request.timer:
                request.timer.cancel()
            if request.stream is None:
                RENDER_WAITING.set(sum(one.stream is None for one in self._requests.values()))
        return request
