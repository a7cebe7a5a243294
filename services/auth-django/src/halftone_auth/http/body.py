"""Request bodies: bounded before they are read; uploads stream to Django while they arrive.

Django's own handler first copies a whole body to a temporary file. A gigabyte then takes twice the disk,
and the view sees a full disk or a lost client only at the end; so here the body of an upload is a stream.
"""

import asyncio
import io
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from halftone_servicekit.errors import ErrorCode, HalftoneError, problem
from typing_extensions import override

from halftone_auth.http.service_token import is_service

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# One file as a form, or a part of one.
UPLOADS = re.compile(r"POST /api/uploads/|PATCH /api/uploads/[^/]+/")
INTERNAL = "/api/internal/"
# Room for the multipart envelope around a file.
ENVELOPE_BYTES = 1 << 16
READ_TIMEOUT_S = 60.0
# How long to drain the body of an upload that has its response already.
DRAIN_S = 30.0


class UploadStream(io.RawIOBase):
    """A request body that a worker thread reads while the event loop receives it.

    Raises `RequestAborted` when the client disconnects or sends nothing for a minute, `body_too_large` above `limit`
    bytes.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        super().__init__()
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._left = limit
        self._chunk = b""
        self._ended = False
        self._arrived = False

    @override
    def readable(self) -> bool:
        return True

    @override
    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._chunk) < size):
            self._chunk += asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
        taken = self._chunk if size < 0 else self._chunk[:size]
        self._chunk = self._chunk[len(taken) :]
        return taken

    async def _next(self) -> bytes:
        message = await self._message()
        body: bytes = message.get("body", b"")
        self._ended = not message.get("more_body", False)
        self._left -= len(body)
        if self._left < 0:
            self._ended = True
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE)
        return body

    async def _message(self) -> Message:
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                message = await self._take()
        except TimeoutError as error:
            self._ended = self._arrived = True
            raise RequestAborted from error
        if message["type"] != "http.request":
            self._ended = True
            raise RequestAborted
        return message

    async def _take(self) -> Message:
        message = await self._receive()
        self._arrived = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Receives and drops the rest of the body, for at most `DRAIN_S`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                while not self._arrived:
                    await self._take()


class UploadReceive:
    """Replaces `receive` during an upload: only the stream takes messages, and raises when the client disconnects."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.stream = UploadStream(receive, limit)

    async def __call__(self) -> Message:
        # Django waits here for a disconnect until the view has responded, then cancels.
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}


class DrainingSend:
    """Ends the response to an upload only after the upload has ended.

    A server closes the connection after the response. With unread bytes the kernel resets it, and a proxy that is
    still sending loses the response and reports 502.
    """

    def __init__(self, send: Send, stream: UploadStream) -> None:
        self._send = send
        self._stream = stream

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body", False):
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        await self._stream.drain()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class HalftoneHandler(ASGIHandler):
    """Django's handler behind the limits on bodies."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        is_upload = UPLOADS.fullmatch(f"{scope['method']} {scope['path']}") is not None
        limit = settings.UPLOAD_MAX_BYTES + ENVELOPE_BYTES if is_upload else limit_of(scope)
        try:
            if declared_length(scope) > limit:
                raise HalftoneError(ErrorCode.BODY_TOO_LARGE)
            if is_upload:
                upload = UploadReceive(receive, limit)
                # With `Expect: 100-continue` the client has not sent the body yet: nothing to drain.
                expects = header(scope, b"expect").lower() == b"100-continue"
                await super().__call__(scope, upload, send if expects else DrainingSend(send, upload.stream))
                return
            body = await read_all(receive, limit)
        except RequestAborted:
            return
        except HalftoneError as error:
            await send_problem(send, error)
            return
        await super().__call__(with_length(scope, len(body)), replay(body, receive), send)

    @override
    async def read_body(self, receive: Receive) -> IO[bytes]:
        if isinstance(receive, UploadReceive):
            return cast("IO[bytes]", receive.stream)
        return await super().read_body(receive)


def limit_of(scope: Scope) -> int:
    """The limit of a body in bytes. Services may send more: a publication holds the columns of a wide table."""
    if scope["path"].startswith(INTERNAL) and is_service(header(scope, b"authorization").decode("latin-1")):
        return int(settings.INTERNAL_MAX_BYTES)
    return int(settings.JSON_MAX_BYTES)


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of this (lower-case) name; empty when absent."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value for key, value in headers if key == name), b"")


def declared_length(scope: Scope) -> int:
    """The Content-Length; 0 when there is none. Raises `bad_message` unless it is a number."""
    text = header(scope, b"content-length")
    if not text:
        return 0
    if not text.isdigit() or len(text) > 20:
        raise HalftoneError(ErrorCode.BAD_MESSAGE, "Content-Length is not a number.")
    return int(text)


async def read_all(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises `body_too_large` above `limit` bytes, `RequestAborted` when the client disconnects."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestAborted
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE)
        if not message.get("more_body", False):
            return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns the body in one message, then the messages of the server."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


def with_length(scope: Scope, length: int) -> Scope:
    """The scope with the length of a chunked body; views take a body without a length for empty."""
    if not length or header(scope, b"content-length"):
        return scope
    return {**scope, "headers": [*scope["headers"], (b"content-length", str(length).encode())]}


async def send_problem(send: Send, error: HalftoneError) -> None:
    """Sends a problem document in place of calling Django."""
    request_id = uuid.uuid4().hex
    body = json.dumps(problem(error, request_id)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.row.http, "headers": headers})
    await send({"type": "http.response.body", "body": body})
