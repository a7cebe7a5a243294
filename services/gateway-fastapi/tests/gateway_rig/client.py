"""A client of the socket in either encoding, on the `websockets` library."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import websockets
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import Extent, Viewport
from websockets.asyncio.client import ClientConnection
from websockets.typing import Origin, Subprotocol

from gateway_rig.waiting import DEADLINE_S

PROTO = "halftone.v1.proto"
JSON = "halftone.v1.json"


class Client:
    """Speaks messages; `received` keeps everything that came, in order."""

    def __init__(self, socket: ClientConnection, subprotocol: str) -> None:
        self.socket = socket
        self.subprotocol = subprotocol
        self.received: list[pb.ServerMessage] = []

    async def send(self, **message: Message) -> None:
        """Sends one message, for example `send(ping=Ping())`."""
        client_message = pb.ClientMessage(**message)  # type: ignore[arg-type]  # one member of the oneof
        if self.subprotocol == PROTO:
            await self.socket.send(client_message.SerializeToString())
        else:
            await self.socket.send(json.dumps(json_format.MessageToDict(client_message)))

    async def raw(self, data: str | bytes) -> None:
        await self.socket.send(data)

    async def recv(self) -> pb.ServerMessage:
        async with asyncio.timeout(DEADLINE_S):
            data = await self.socket.recv()
        if isinstance(data, bytes):
            message = pb.ServerMessage.FromString(data)
        else:
            message = json_format.Parse(data, pb.ServerMessage())
        self.received.append(message)
        return message

    async def until(self, kind: str) -> pb.ServerMessage:
        """The next message of a kind; others are kept in `received`."""
        while True:
            message = await self.recv()
            if message.WhichOneof("message") == kind:
                return message

    async def error(self) -> pb.Error:
        return (await self.until("error")).error

    async def frame(self, seq: int) -> list[pb.Frame]:
        """Every frame message of a seq, the exact one last."""
        frames: list[pb.Frame] = []
        while not frames or frames[-1].status != 3:
            frame = (await self.until("frame")).frame
            if frame.seq == seq:
                frames.append(frame)
        return frames

    async def auth(self, token: str) -> pb.Welcome:
        await self.send(auth=pb.Auth(access_token=token))
        return (await self.until("welcome")).welcome

    async def open(self, view_id: int = 1, seq: int = 1, **changes: object) -> None:
        await self.send(open=opening(view_id, seq, **changes))

    async def close_code(self) -> int:
        """Reads on until the socket is closed: its close code."""
        try:
            while True:
                await self.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        port: int,
        subprotocol: str | Sequence[str] = PROTO,
        *,
        origin: str | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Self]:
        offered = [subprotocol] if isinstance(subprotocol, str) else subprotocol
        async with websockets.connect(
            f"ws://127.0.0.1:{port}/ws/compute{query}",
            subprotocols=[Subprotocol(name) for name in offered],
            origin=Origin(origin) if origin is not None else None,
            additional_headers=headers,
            max_size=None,
            open_timeout=DEADLINE_S,
            compression=None,
            close_timeout=1,
            proxy=None,
        ) as socket:
            yield cls(socket, str(socket.subprotocol))


def opening(view_id: int = 1, seq: int = 1, **changes: object) -> pb.Open:
    """An open message for the whole of flights, at 512 x 512 pixels."""
    values: dict[str, object] = {
        "view_id": view_id,
        "seq": seq,
        "dataset": "flights",
        "kind": "points",
        "options": {"x": "distance", "y": "delay"},
        "viewport": viewport(0, 1024, 0, 1024),
    }
    return pb.Open(**{**values, **changes})  # type: ignore[arg-type]  # any field of the message


def struct(values: Mapping[str, Any]) -> Struct:
    """Options as a message."""
    made = Struct()
    made.update(values)
    return made


def viewport(x0: float, x1: float, y0: float, y1: float, *, exact: bool = False, side: int = 512) -> Viewport:
    """A square viewport."""
    return Viewport(extent=Extent(x0=x0, x1=x1, y0=y0, y1=y1), width=side, height=side, exact_viewport=exact)
