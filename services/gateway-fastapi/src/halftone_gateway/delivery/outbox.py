"""The queue of messages in front of one socket: bounded, in order, with one writer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from halftone_gateway.delivery.codec import WireMessage
from halftone_gateway.limits import CONTROL_BYTES
from halftone_gateway.metrics import BYTES_SENT

Write = Callable[[WireMessage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """An encoded message."""

    data: WireMessage
    is_frame: bool
    size: int


@dataclass(frozen=True, slots=True)
class SocketClose:
    """The close code and reason of a socket."""

    code: int
    reason: str


class Outbox:
    """`on_room` is called when frames fit again after they did not."""

    def __init__(self, frame_bytes: int, stall_s: float, on_room: Callable[[], None]) -> None:
        self._frame_bytes = frame_bytes
        self._stall_s = stall_s
        self._on_room = on_room
        self._items: deque[QueuedMessage] = deque()
        self._frames = 0
        self._control = 0
        self._end: SocketClose | None = None
        self._wake = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether another frame may be queued; a frame above the bound is queued when no other frame is."""
        return self._frames < self._frame_bytes

    @property
    def has_ended(self) -> bool:
        """Whether the socket is being closed."""
        return self._end is not None

    def put(self, data: WireMessage, *, is_frame: bool) -> bool:
        """Queues a message. False when the client has left too many control messages unread."""
        if self._end is not None:
            return True
        size = len(data)
        if is_frame:
            self._frames += size
        else:
            if self._control > CONTROL_BYTES:
                return False
            self._control += size
        self._items.append(QueuedMessage(data, is_frame, size))
        self._wake.set()
        return True

    def end(self, code: int, reason: str) -> None:
        """Closes the queue: control messages in it are still written, frames are dropped."""
        if self._end is None:
            self._end = SocketClose(code, reason)
            self._items = deque(item for item in self._items if not item.is_frame)
            self._wake.set()

    async def drain(self, write: Write) -> SocketClose:
        """Writes until the end. Raises TimeoutError when one write takes longer than the stall time."""
        while True:
            while self._items:
                item = self._items.popleft()
                async with asyncio.timeout(self._stall_s):
                    await write(item.data)
                self._written(item)
            if self._end is not None:
                return self._end
            self._wake.clear()
            await self._wake.wait()

    def _written(self, item: QueuedMessage) -> None:
        BYTES_SENT.inc(item.size)
        had_room = self.has_room
        if item.is_frame:
            self._frames -= item.size
        else:
            self._control -= item.size
        if not had_room and self.has_room and self._end is None:
            self._on_room()
