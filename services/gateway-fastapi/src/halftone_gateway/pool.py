"""Long-lived Render streams, one for each compute service, shared by every socket of the process."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import grpc
import grpc.aio
import structlog
from halftone.v1.compute_pb2 import EncodedPiece, RenderAsk, RenderCancel, RenderReply, RenderRequest
from halftone.v1.compute_pb2_grpc import ComputeStub
from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.metrics import COMPUTE_CONNECTED, RENDERS

# A picture of 8,388,608 pixels with a count, a valid count and a float64 sum, and some room.
_MAX_REPLY_BYTES: Final = 160 * 1024 * 1024
_OPTIONS: Final = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", _MAX_REPLY_BYTES),
)
_RETRY_S: Final = 0.1
# Compute answers at its deadline by itself; this is for the case that it does not.
_SLACK_S: Final = 0.5
# The first time and once more: a request that ended two processes is not given to a third.
_ATTEMPTS: Final = 2

log = structlog.get_logger(__name__)


class Sink(Protocol):
    """Who waits for a request; after `done` or `failed` nothing more comes."""

    def pieces(self, pieces: list[EncodedPiece]) -> None: ...
    def done(self, receipt: Receipt) -> None: ...
    def failed(self, error: HalftoneError) -> None: ...


@dataclass(slots=True, eq=False)
class Request:
    """An ask on its way. Times are on the clock of the event loop."""

    ask: RenderAsk
    sink: Sink
    deadline: float
    attempts: int = 0
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


class Stream:
    """The stream to one compute service: opened again whenever it breaks, with what was under way asked again."""

    def __init__(self, target: str, wait_s: float, on_connected: Callable[[], None]) -> None:
        self.connected = False
        self._target = target
        self._wait_s = wait_s
        self._on_connected = on_connected
        self._requests: dict[int, Request] = {}
        self._queue: OrderedDict[int, RenderRequest] = OrderedDict()
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"render-stream {target}")

    async def close(self) -> None:
        """Ends the stream; requests under way get no answer."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._disconnect()

    def ask(self, ask: RenderAsk, sink: Sink) -> None:
        loop = asyncio.get_running_loop()
        request = Request(ask, sink, loop.time() + ask.deadline_ms / 1000)
        self._requests[ask.request_id] = request
        self._watch(request)
        self._enqueue(request)

    def cancel(self, request_id: int) -> None:
        """Nothing more is heard of the request."""
        if self._forget(request_id) is None:
            return
        RENDERS.labels("cancelled").inc()
        # What was never written need not be taken back.
        if self._queue.pop(request_id, None) is None and self.connected:
            self._queue[request_id] = RenderRequest(cancel=RenderCancel(request_id=request_id))
            self._wake.set()

    async def _run(self) -> None:
        async with grpc.aio.insecure_channel(self._target, options=_OPTIONS) as channel:
            while True:
                try:
                    await self._serve(channel)
                except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
                    log.warning("compute_stream_broken", target=self._target, error=type(error).__name__)
                self._broken()
                await asyncio.sleep(_RETRY_S)

    async def _serve(self, channel: grpc.aio.Channel) -> None:
        call = ComputeStub(channel).Render(wait_for_ready=True)
        try:
            await call.wait_for_connection()
            self._connect()
            writer = asyncio.create_task(self._write(call))
            try:
                await self._read(call)
            finally:
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)
        finally:
            call.cancel()

    async def _read(self, call: "grpc.aio.StreamStreamCall[RenderRequest, RenderReply]") -> None:
        while isinstance(reply := await call.read(), RenderReply):
            self._take(reply)

    async def _write(self, call: "grpc.aio.StreamStreamCall[RenderRequest, RenderReply]") -> None:
        # The only writer of the stream: concurrent writes would break it.
        try:
            while True:
                while self._queue:
                    _, message = self._queue.popitem(last=False)
                    self._stamp(message)
                    await call.write(message)
                self._wake.clear()
                await self._wake.wait()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # The reader hears of the same break and says so.
            call.cancel()

    def _stamp(self, message: RenderRequest) -> None:
        request = self._requests.get(message.ask.request_id)
        if request is not None and message.HasField("ask"):
            request.attempts += 1
            left = request.deadline - asyncio.get_running_loop().time()
            message.ask.deadline_ms = max(1, int(left * 1000))

    def _take(self, reply: RenderReply) -> None:
        request = self._requests.get(reply.request_id)
        if request is None:
            return
        match reply.WhichOneof("reply"):
            case "pieces":
                request.sink.pieces(list(reply.pieces.pieces))
            case "done":
                self._forget(reply.request_id)
                RENDERS.labels("done").inc()
                request.sink.done(reply.done)
            case _:
                failure = reply.failure
                error = HalftoneError(failure.code, failure.detail, failure.field, failure.retry_after_ms)
                self._fail(request, error)

    def _connect(self) -> None:
        self.connected = True
        COMPUTE_CONNECTED.inc()
        log.info("compute_stream_open", target=self._target)
        for request in self._requests.values():
            self._watch(request)
            self._enqueue(request)
        self._on_connected()

    def _disconnect(self) -> None:
        if self.connected:
            self.connected = False
            COMPUTE_CONNECTED.dec()

    def _broken(self) -> None:
        self._disconnect()
        self._queue.clear()
        for request in list(self._requests.values()):
            if request.attempts >= _ATTEMPTS:
                self._fail(request, HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE))
            else:
                self._watch(request)

    def _enqueue(self, request: Request) -> None:
        self._queue[request.ask.request_id] = RenderRequest(ask=request.ask)
        self._wake.set()

    def _watch(self, request: Request) -> None:
        if request.timer:
            request.timer.cancel()
        loop = asyncio.get_running_loop()
        until = request.deadline + _SLACK_S if self.connected else min(request.deadline, loop.time() + self._wait_s)
        request.timer = loop.call_at(until, self._expire, request)

    def _expire(self, request: Request) -> None:
        code = ErrorCode.DEADLINE_EXCEEDED if self.connected else ErrorCode.COMPUTE_UNAVAILABLE
        self._queue.pop(request.ask.request_id, None)
        self._fail(request, HalftoneError(code))

    def _fail(self, request: Request, error: HalftoneError) -> None:
        self._forget(request.ask.request_id)
        RENDERS.labels(error.code.value).inc()
        request.sink.failed(error)

    def _forget(self, request_id: int) -> Request | None:
        request = self._requests.pop(request_id, None)
        if request and request.timer:
            request.timer.cancel()
        return request


class Pool:
    """A stream for every compute service that has been asked for something."""

    def __init__(self, wait_s: float, on_connected: Callable[[], None]) -> None:
        self._wait_s = wait_s
        self._on_connected = on_connected
        self._streams: dict[str, Stream] = {}

    def stream(self, target: str) -> Stream:
        """The stream to a service; the first use of a target opens it."""
        if target not in self._streams:
            self._streams[target] = Stream(target, self._wait_s, self._on_connected)
        return self._streams[target]

    @property
    def connected(self) -> int:
        """How many services can be reached."""
        return sum(stream.connected for stream in self._streams.values())

    async def close(self) -> None:
        await asyncio.gather(*(stream.close() for stream in self._streams.values()))
