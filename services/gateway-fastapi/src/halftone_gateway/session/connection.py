"""One socket: reads messages into its session and carries out the effects that the session returns."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from halftone.v1.frame_pb2 import FrameStatus
from halftone.v1.session_pb2 import ClientMessage, ServerMessage, Version
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import AccessClaims, TokenVerifier

from halftone_gateway.access.grants import GrantKey, Grants
from halftone_gateway.access.registry import Registry
from halftone_gateway.access.revocations import Revocations
from halftone_gateway.delivery.codec import Codec, WireMessage
from halftone_gateway.delivery.outbox import Outbox, SocketClose
from halftone_gateway.limits import SocketLimits
from halftone_gateway.metrics import CLOSED, ERRORS, FRAMES, MESSAGES, VIEWS
from halftone_gateway.pieces.broker import Broker
from halftone_gateway.pieces.picking import pick_error, row_page
from halftone_gateway.session.effects import (
    CancelFrame,
    CancelRows,
    CloseSocket,
    Effect,
    Effects,
    FetchGrant,
    RequestFrame,
    RequestRows,
    Send,
    SendFrame,
    SendRows,
)
from halftone_gateway.session.frame_wait import FrameWait
from halftone_gateway.session.session import Session

# The ASGI extension of our server that drops a connection whose peer does not read.
CUT: Final = "halftone.cut"
# The close code of a socket whose work died.
FAILED: Final = 1011

# Handles one message of a client: returns what is to be done.
Handler = Callable[["Connection", Any], Awaitable[Effects]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What every connection of the process uses."""

    verifier: TokenVerifier
    revocations: Revocations
    grants: Grants
    broker: Broker
    registry: Registry["Connection"]
    handlers: Mapping[str, Handler]
    limits: SocketLimits
    outbox_bytes: int
    stall_s: float


class Connection:
    """Lives from the upgrade to the end of its socket."""

    def __init__(self, websocket: WebSocket, codec: Codec, services: Services, session: Session) -> None:
        self.services = services
        self.session = session
        self._access_token = ""
        self._websocket = websocket
        self._codec = codec
        self._outbox = Outbox(services.outbox_bytes, services.stall_s, self._room_again)
        self._waits: dict[int, FrameWait] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # By view: the page of rows that it waits for, or got last.
        self._picks: dict[int, asyncio.Task[None]] = {}
        self._effects: deque[Effect] = deque()
        self._applying = False
        self._views = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def subject(self) -> str:
        """The person who is signed in; empty before `auth`."""
        return self.session.claims.subject if self.session.claims else ""

    @property
    def claims(self) -> AccessClaims | None:
        """Of the newest token; None before `auth`."""
        return self.session.claims

    async def run(self) -> None:
        """Serves the socket until it is closed."""
        self._spawn(self._read())
        self._arm()
        try:
            await self._write()
        finally:
            try:
                self.apply(self.session.gone())
            finally:
                if self._timer:
                    self._timer.cancel()
                for task in self._tasks:
                    task.cancel()
                # What they raise has been logged.
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def apply(self, effects: Effects) -> None:
        """Carries effects out, in order; effects that follow from one of them come after."""
        self._effects.extend(effects)
        if self._applying:
            return
        self._applying = True
        try:
            while self._effects:
                self._carry_out(self._effects.popleft())
        finally:
            self._applying = False
        VIEWS.inc(len(self.session.views) - self._views)
        self._views = len(self.session.views)
        self._arm()

    def use_token(self, access_token: str) -> None:
        """Fetches grants with this token from now on."""
        self._access_token = access_token

    def now(self) -> float:
        """The clock of the session."""
        return asyncio.get_running_loop().time()

    def from_wall_clock(self, seconds: float) -> float:
        """A time since the epoch on the clock of the session."""
        return self.now() + seconds - time.time()

    # Events of the auth service

    def revoked(self) -> None:
        self.apply(self.session.revoked())

    def permission_changed(self, dataset_id: str) -> None:
        self.apply(self.session.permission_changed(dataset_id))

    def version_published(self, dataset_id: str, version: Version) -> None:
        self.apply(self.session.version_published(dataset_id, version))

    def dataset_deleted(self, dataset_id: str) -> None:
        self.apply(self.session.dataset_deleted(dataset_id))

    # Reading

    async def _read(self) -> None:
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                self._outbox.end(event.get("code", 1005), "")
                return
            data = event.get("text") if event.get("text") is not None else event.get("bytes")
            await self._take(data if data is not None else b"")

    async def _take(self, data: WireMessage) -> None:
        if isinstance(data, bytes) != self._codec.binary:
            self.apply([*self.session.gone(), CloseSocket(1003, "this subprotocol uses the other type of frame")])
            return
        try:
            message = self._codec.decode(data)
        except HalftoneError as error:
            MESSAGES.labels("bad").inc()
            self.apply(self.session.bad(error, self.now()))
            return
        await self._handle(message)

    async def _handle(self, message: ClientMessage) -> None:
        kind = message.WhichOneof("message") or ""
        MESSAGES.labels(kind).inc()
        refused = self.session.admit(kind, self.now())
        if refused is not None:
            self.apply(refused)
            return
        try:
            self.apply(await self.services.handlers[kind](self, getattr(message, kind)))
        except Exception:
            log.exception("message_failed", kind=kind, session_id=self.session.session_id)
            self.apply(self.session.refuse(HalftoneError(ErrorCode.INTERNAL)))

    # Writing

    async def _write(self) -> None:
        try:
            end = await self._outbox.drain(self._write_message)
            if self._websocket.application_state.name == "CONNECTED" and end.code not in (1005, 1006):
                async with asyncio.timeout(self.services.stall_s):
                    await self._websocket.close(end.code, end.reason)
        except TimeoutError:
            self._cut(SocketClose(4430, "the client reads too slowly"))
        except (WebSocketDisconnect, RuntimeError):
            # The peer left during a write; the reader gets the disconnect too.
            log.debug("peer_left", session_id=self.session.session_id)

    async def _write_message(self, data: WireMessage) -> None:
        if isinstance(data, bytes):
            await self._websocket.send_bytes(data)
        else:
            await self._websocket.send_text(data)

    def _cut(self, end: SocketClose) -> None:
        CLOSED.labels(str(end.code)).inc()
        cut: Callable[[int, str], None] = self._websocket.scope["extensions"][CUT]
        cut(end.code, end.reason)

    # Effects

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Send(message):
                self._queue(message)
            case SendFrame(frame):
                FRAMES.labels(FrameStatus.Name(frame.header.status).removeprefix("FRAME_STATUS_").lower()).inc()
                self._outbox.put(self._codec.encode_frame(frame), is_frame=True)
                self.session.set_room(self._outbox.has_room)
            case RequestFrame():
                self._waits[effect.request_id] = wait = FrameWait(effect, self.session, self.apply, self._ended)
                wait.start(self.services.broker)
            case CancelFrame(request_id):
                if request_id in self._waits:
                    self._waits.pop(request_id).cancel()
            case FetchGrant():
                self._spawn(self._fetch_grant(effect))
            case RequestRows(pick):
                self._cancel_rows(pick.view_id)
                self._picks[pick.view_id] = task = asyncio.create_task(self._watched(self._fetch_rows(effect)))
                self._keep(task)
            case CancelRows(view_id):
                self._cancel_rows(view_id)
            case SendRows(page):
                self._outbox.put(self._codec.encode(ServerMessage(row_page=page)), is_frame=True)
                self.session.set_room(self._outbox.has_room)
            case CloseSocket(code, reason):
                CLOSED.labels(str(code)).inc()
                self._outbox.end(code, reason)

    def _queue(self, message: ServerMessage) -> None:
        if message.HasField("error"):
            ERRORS.labels(message.error.code).inc()
        if not self._outbox.put(self._codec.encode(message), is_frame=False):
            self._cut(SocketClose(4430, "the client leaves messages unread"))
            self._outbox.end(1006, "")

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        self._keep(asyncio.create_task(self._watched(work)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watched(self, work: Coroutine[None, None, None]) -> None:
        """Ends the socket with the work on it: a client would wait for the rest of it without an end."""
        try:
            await work
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Logs the error and closes the socket, which gives its seat back."""
        log.error("socket_failed", exc_info=error, session_id=self.session.session_id)
        if not self._outbox.has_ended:
            CLOSED.labels(str(FAILED)).inc()
            self._outbox.end(FAILED, "something went wrong on our side")

    async def _fetch_grant(self, effect: FetchGrant) -> None:
        claims = self.session.claims
        if claims is None:
            raise RuntimeError("a grant is fetched before `auth`")
        key = GrantKey(claims.subject, claims.session_id, effect.dataset, effect.version_id)
        try:
            granted = await self.services.grants.get(self._access_token, key, fresh=effect.fresh)
        except HalftoneError as error:
            self.apply(self.session.denied(effect.view_id, effect.epoch, error, self.now()))
        else:
            self.apply(self.session.granted(effect.view_id, effect.epoch, granted))

    async def _fetch_rows(self, effect: RequestRows) -> None:
        pick, granted = effect.pick, effect.granted
        try:
            fetched = await self.services.broker.rows(effect.request, granted.version.version_id)
        except HalftoneError as error:
            self.apply(self.session.pick_failed(pick.view_id, pick.pick_id, pick_error(error)))
        else:
            self.apply(self.session.picked(row_page(pick, granted, fetched)))

    def _cancel_rows(self, view_id: int) -> None:
        if (task := self._picks.pop(view_id, None)) is not None:
            task.cancel()

    def _ended(self, request_id: int) -> None:
        """A requested frame is complete or has failed."""
        self._waits.pop(request_id, None)

    def _room_again(self) -> None:
        try:
            self.session.set_room(True)
            self.apply(self.session.drained())
        except Exception as error:
            self._failed(error)

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        at = self.session.next_deadline()
        if at < float("inf"):
            self._timer = asyncio.get_running_loop().call_at(at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        try:
            self.apply(self.session.tick(self.now()))
        except Exception as error:
            self._failed(error)
