"""A viewer without a browser: one binary socket, one view, gestures in, final frames out."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx2
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import frame_pb2, session_pb2
from websockets.sync.client import ClientConnection, connect

MESSAGE_LIMIT = 64 * 2**20


@dataclass(frozen=True)
class Answer:
    """One exact frame: seconds from gesture to last byte, bytes received, the last message."""

    seconds: float
    size: int
    frame: session_pb2.Frame


class Viewer:
    """Signs in, opens one view and answers gestures; a context manager."""

    def __init__(self, url: str, email: str, password: str) -> None:
        signed_in = httpx2.post(f"{url}/api/token/", json={"email": email, "password": password}).raise_for_status()
        self._socket: ClientConnection = connect(
            f"{url.replace('http', 'ws', 1)}/ws/compute",
            subprotocols=["halftone.v1.proto"],  # type: ignore[list-item]  # the type is a NewType of str
            max_size=MESSAGE_LIMIT,
            compression=None,
        )
        self._seq = 0
        self._send(auth=session_pb2.Auth(access_token=signed_in.json()["access"]))
        self._receive("welcome")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def open(self, dataset: str, kind: str, options: dict[str, object], viewport: frame_pb2.Viewport) -> Answer:
        """Open the view and wait for its first exact frame."""
        wanted = Struct()
        wanted.update(options)
        return self._ask(
            open=session_pb2.Open(
                view_id=1, seq=self._next(), dataset=dataset, kind=kind, options=wanted, viewport=viewport
            )
        )

    def move(self, viewport: frame_pb2.Viewport) -> Answer:
        """Change the viewport and wait for its exact frame."""
        return self._ask(set=session_pb2.Set(view_id=1, seq=self._next(), viewport=viewport))

    def forget(self, piece_ids: list[bytes]) -> None:
        """Tell the gateway that these pieces are gone, so that they are shipped again."""
        self._send(drop=session_pb2.Drop(view_id=1, piece_ids=piece_ids))

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _ask(self, **message: object) -> Answer:
        started = time.perf_counter()
        self._send(**message)
        size = 0
        while True:
            raw = self._read()
            size += len(raw)
            reply = session_pb2.ServerMessage.FromString(raw)
            frame = reply.frame
            if reply.WhichOneof("message") == "error":
                raise RuntimeError(f"{reply.error.code} {reply.error.field}: {reply.error.detail}")
            if frame.seq == self._seq and frame.status == frame_pb2.FRAME_STATUS_EXACT:
                seconds = time.perf_counter() - started
                self._send(shown=session_pb2.Shown(view_id=1, seq=self._seq))
                return Answer(seconds, size, frame)

    def _send(self, **message: object) -> None:
        self._socket.send(session_pb2.ClientMessage(**message).SerializeToString())  # type: ignore[arg-type]  # one of the oneof's messages

    def _read(self) -> bytes:
        raw = self._socket.recv(timeout=30)
        if isinstance(raw, str):
            raise TypeError("a text frame on the binary subprotocol")
        return raw

    def _receive(self, kind: str) -> session_pb2.ServerMessage:
        reply = session_pb2.ServerMessage.FromString(self._read())
        if reply.WhichOneof("message") != kind:
            raise RuntimeError(f"expected {kind}, got {reply}")
        return reply
