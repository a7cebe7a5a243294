"""The long-lived Render stream to one compute service, opened again whenever it ends."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, Protocol

import grpc
import grpc.aio
import structlog
from halftone.v1.compute_pb2 import RenderReply, RenderRequest
from halftone.v1.compute_pb2_grpc import ComputeStub

from halftone_gateway.compute.dial import Dialer

_RETRY_S: Final = 0.1
# A channel that is not up by then is replaced, so that renewed certificates are read.
_CONNECT_S: Final = 5.0

log = structlog.get_logger(__name__)


class StreamStatus(Enum):
    """What a stream is good for.

    | status | event | next |
    |---|---|---|
    | CONNECTING | ACCEPTED | LIVE |
    | CONNECTING | ENDED | CONNECTING |
    | CONNECTING | UNNAMED | RETIRED |
    | LIVE | STOPPING | DRAINING |
    | LIVE | ENDED | CONNECTING |
    | LIVE | UNNAMED | RETIRED |
    | DRAINING | STOPPING | DRAINING |
    | DRAINING | ENDED | CONNECTING |
    | DRAINING | UNNAMED | RETIRED |
    | RETIRED | ACCEPTED | RETIRED |
    | RETIRED | STOPPING | RETIRED |
    | RETIRED | ENDED | RETIRED |
    | any | CLOSE | CLOSED |
    | CLOSED | any | CLOSED |
    """

    # No call yet, or not any more: dials until there is one.
    CONNECTING = auto()
    # Takes requests.
    LIVE = auto()
    # The service has refused a request because it stops: it answers what it has.
    DRAINING = auto()
    # Discovery no longer names the service: it answers what it has.
    RETIRED = auto()
    CLOSED = auto()


class StreamEvent(Enum):
    """What changes the status of a stream."""

    ACCEPTED = auto()
    STOPPING = auto()
    ENDED = auto()
    UNNAMED = auto()
    CLOSE = auto()


TRANSITIONS: Final[Mapping[tuple[StreamStatus, StreamEvent], StreamStatus]] = {
    (StreamStatus.CONNECTING, StreamEvent.ACCEPTED): StreamStatus.LIVE,
    (StreamStatus.CONNECTING, StreamEvent.ENDED): StreamStatus.CONNECTING,
    (StreamStatus.CONNECTING, StreamEvent.UNNAMED): StreamStatus.RETIRED,
    (StreamStatus.LIVE, StreamEvent.STOPPING): StreamStatus.DRAINING,
    (StreamStatus.LIVE, StreamEvent.ENDED): StreamStatus.CONNECTING,
    (StreamStatus.LIVE, StreamEvent.UNNAMED): StreamStatus.RETIRED,
    (StreamStatus.DRAINING, StreamEvent.STOPPING): StreamStatus.DRAINING,
    (StreamStatus.DRAINING, StreamEvent.ENDED): StreamStatus.CONNECTING,
    (StreamStatus.DRAINING, StreamEvent.UNNAMED): StreamStatus.RETIRED,
    (StreamStatus.RETIRED, StreamEvent.ACCEPTED): StreamStatus.RETIRED,
    (StreamStatus.RETIRED, StreamEvent.STOPPING): StreamStatus.RETIRED,
    (StreamStatus.RETIRED, StreamEvent.ENDED): StreamStatus.RETIRED,
    **{(status, StreamEvent.CLOSE): StreamStatus.CLOSED for status in StreamStatus},
    **{(StreamStatus.CLOSED, event): StreamStatus.CLOSED for event in StreamEvent},
}


class CallEnd(Enum):
    """How a call ended: CLOSED by a service that stops in good order, or BROKEN."""

    CLOSED = auto()
    BROKEN = auto()


class Owner(Protocol):
    """Receives what happens on a stream; `about_to_write` may still change the request."""

    def opened(self, stream: "Stream") -> None: ...
    def about_to_write(self, stream: "Stream", request: RenderRequest) -> None: ...
    def replied(self, stream: "Stream", reply: RenderReply) -> None: ...
    def ended(self, stream: "Stream", end: CallEnd) -> None: ...


class Stream:
    """Dials from its creation on. Requests still queued when a call ends are dropped; the owner places them again."""

    def __init__(self, target: str, dialer: Dialer, owner: Owner) -> None:
        self.target = target
        self._status = StreamStatus.CONNECTING
        self._logged = False
        self._channel: grpc.aio.Channel | None = None
        self._dialer = dialer
        self._owner = owner
        self._queue: OrderedDict[int, RenderRequest] = OrderedDict()
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"render-stream {target}")

    @property
    def status(self) -> StreamStatus:
        return self._status

    @property
    def channel(self) -> grpc.aio.Channel | None:
        """What calls beside the stream go over while it is live; None before the first one."""
        return self._channel

    def refuse_more(self) -> None:
        """The service stops: it answers what it has and gets nothing more until its next call."""
        self._on(StreamEvent.STOPPING)

    def retire(self) -> None:
        """Discovery no longer names the service: it answers what it has and gets nothing more."""
        self._on(StreamEvent.UNNAMED)

    async def close(self) -> None:
        """Ends the stream; the owner receives nothing more."""
        self._on(StreamEvent.CLOSE)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def put(self, request_id: int, request: RenderRequest) -> None:
        """Writes a request as soon as those before it are written."""
        self._queue[request_id] = request
        self._wake.set()

    def take_back(self, request_id: int) -> bool:
        """Removes a request from the queue; False when it is already written."""
        return self._queue.pop(request_id, None) is not None

    def _on(self, event: StreamEvent) -> None:
        self._status = TRANSITIONS[self._status, event]

    async def _run(self) -> None:
        while True:
            end = CallEnd.BROKEN
            try:
                async with self._dialer.open(self.target) as self._channel:
                    end = await self._serve(self._channel)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError) as error:
                self._log_once("compute_stream_broken", type(error).__name__)
            except OSError as error:
                self._log_once("compute_certificates_unreadable", str(error))
            self._on(StreamEvent.ENDED)
            self._queue.clear()
            if end is CallEnd.CLOSED:
                log.info("compute_stream_closed", target=self.target)
            self._owner.ended(self, end)
            await asyncio.sleep(_RETRY_S)

    def _log_once(self, event: str, error: str) -> None:
        """Logs the first failure after a call, not every further try."""
        if not self._logged:
            self._logged = True
            log.warning(event, target=self.target, error=error, status=self._status.name.lower())

    async def _serve(self, channel: grpc.aio.Channel) -> CallEnd:
        call = ComputeStub(channel).Render(wait_for_ready=True)
        try:
            async with asyncio.timeout(_CONNECT_S):
                await call.wait_for_connection()
            self._logged = False
            self._on(StreamEvent.ACCEPTED)
            log.info("compute_stream_open", target=self.target)
            self._owner.opened(self)
            writer = asyncio.create_task(self._write(call))
            try:
                return await self._read(call)
            finally:
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)
        finally:
            call.cancel()

    async def _read(self, call: "grpc.aio.StreamStreamCall[RenderRequest, RenderReply]") -> CallEnd:
        while isinstance(reply := await call.read(), RenderReply):
            self._owner.replied(self, reply)
        return CallEnd.CLOSED if await call.code() == grpc.StatusCode.OK else CallEnd.BROKEN

    async def _write(self, call: "grpc.aio.StreamStreamCall[RenderRequest, RenderReply]") -> None:
        # The only writer of the call: concurrent writes would break it. The reader sees the same break.
        with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            while True:
                while self._queue:
                    _, request = self._queue.popitem(last=False)
                    self._owner.about_to_write(self, request)
                    await call.write(request)
                self._wake.clear()
                await self._wake.wait()
        call.cancel()
