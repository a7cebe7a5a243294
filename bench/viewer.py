"""A viewer without a browser: one binary socket, one view, gestures in, final frames out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import frame_pb2, session_pb2
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

MESSAGE_LIMIT = 64 * 2**20


@dataclass(frozen=True)
class Answer:
    """One exact frame: seconds from gesture to last byte, bytes received, the last message."""

    seconds: float
    size: int
    frame: session_pb2.Frame


@contextmanager
def viewer(url: str, email: str, password: str) -> Iterator["Viewer"]:
    """Sign in and keep a socket open."""
    signed_in = httpx2.post(f"{url}/api/token/", json={"email": email, "password": password}).raise_for_status()
    address = f"{url.replace('http', 'ws', 1)}/ws/compute"
    spoken = [Subprotocol("halftone.v1.proto")]
    with connect(address, subprotocols=spoken, max_size=MESSAGE_LIMIT, compression=None) as socket:
        new = Viewer(socket)
        new.authenticate(signed_in.json()["access"])
        yield new


class Viewer:
    """One view over one socket that is signed in."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._seq = 0

    def authenticate(self, access_token: str) -> None:
        """Sign in and wait for the welcome."""
        self._send(auth=session_pb2.Auth(access_token=access_token))
        reply = session_pb2.ServerMessage.FromString(self._read())
        if reply.WhichOneof("message") != "welcome":
            raise RuntimeError(f"no welcome: {reply}")

    def open(self, dataset: str, kind: str, options: dict[str, str], viewport: frame_pb2.Viewport) -> Answer:
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
