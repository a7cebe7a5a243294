"""The long-lived Render stream to one compute service, opened again whenever it ends."""

import asyncio
import contextlib
from collections import OrderedDict
from enum import Enum, auto
from typing import Final, Protocol

import grpc
import grpc.aio
import structlog
from halftone.v1.compute_pb2 import RenderReply, RenderRequest
from halftone.v1.compute_pb2_grpc import ComputeStub

from halftone_gateway.compute.dial import Dialer

_RETRY_S: Final = 0.1
# A channel that has not come up by then is made anew, with whatever certificates there are by then.
_CONNECT_S: Final = 5.0

log = structlog.get_logger(__name__)


class End(Enum):
    """How a stream ended: CLOSED by a service that stops in good order, or BROKEN."""

    CLOSED = auto()
    BROKEN = auto()


class Owner(Protocol):
    """Who is told what happens; `about_to_write` may still change the request."""

    def opened(self, stream: "Stream") -> None: ...
    def about_to_write(self, stream: "Stream", request: RenderRequest) -> None: ...
    def replied(self, stream: "Stream", reply: RenderReply) -> None: ...
    def ended(self, stream: "Stream", end: End) -> None: ...


class Stream:
    """Dials from its first moment on. What is put while it is not connected is dropped with the queue."""

    def __init__(self, target: str, dialer: Dialer, owner: Owner) -> None:
        self.target = target
        self.connected = False
        self._noted = False
        self._dialer = dialer
        self._owner = owner
        self._queue: OrderedDict[int, RenderRequest] = OrderedDict()
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"render-stream {target}")

    async def close(self) -> None:
        """Ends the stream; the owner hears nothing more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.connected = False

    def put(self, request_id: int, request: RenderRequest) -> None:
        """Writes a request as soon as those before it are written."""
        self._queue[request_id] = request
        self._wake.set()

    def take_back(self, request_id: int) -> bool:
        """Whether a request was still in the queue, from which it is now gone."""
        return self._queue.pop(request_id, None) is not None

    async def _run(self) -> None:
        while True:
            end = End.BROKEN
            try:
                async with self._dialer.open(self.target) as channel:
                    end = await self._serve(channel)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError) as error:
                self._note("compute_stream_broken", type(error).__name__)
            except OSError as error:
                self._note("compute_certificates_unreadable", str(error))
            self.connected = False
            self._queue.clear()
            if end is End.CLOSED:
                log.info("compute_stream_closed", target=self.target)
            self._owner.ended(self, end)
            await asyncio.sleep(_RETRY_S)

    def _note(self, event: str, error: str) -> None:
        # A service that stays away is worth one line, not one for each try.
        if self.connected or not self._noted:
            self._noted = True
            log.warning(event, target=self.target, error=error, connected=self.connected)

    async def _serve(self, channel: grpc.aio.Channel) -> End:
        call = ComputeStub(channel).Render(wait_for_ready=True)
        try:
            async with asyncio.timeout(_CONNECT_S):
                await call.wait_for_connection()
            self.connected = True
            self._noted = False
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

    async def _read(self, call: "grpc.aio.StreamStreamCall[RenderRequest, RenderReply]") -> End:
        while isinstance(reply := await call.read(), RenderReply):
            self._owner.replied(self, reply)
        return End.CLOSED if await call.code() == grpc.StatusCode.OK else End.BROKEN

    async def _write(self, call: "grpc.aio.StreamStreamCall[RenderRequest, RenderReply]") -> None:
        # The only writer of the stream: concurrent writes would break it. The reader hears of the same break.
        with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            while True:
                while self._queue:
                    _, request = self._queue.popitem(last=False)
                    self._owner.about_to_write(self, request)
                    await call.write(request)
                self._wake.clear()
                await self._wake.wait()
        call.cancel()
