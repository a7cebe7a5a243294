"""A server that says in HTTP/2 that it never looked at the call it has just received, as a stopping one may."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway_rig.talking import port_of, talking

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _SETTINGS, _GOAWAY, _ACK = 1, 4, 7, 1
_INTERNAL_ERROR = 2


def _frame(kind: int, flags: int = 0, payload: bytes = b"") -> bytes:
    """A frame of the connection itself, stream 0 (RFC 9113, 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + bytes(4) + payload


async def _until_called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head = await reader.readexactly(9)
        kind, flags = head[3], head[4]
        await reader.readexactly(int.from_bytes(head[:3], "big"))
        if kind == _HEADERS:
            return
        if kind == _SETTINGS and not flags & _ACK:
            writer.write(_frame(_SETTINGS, _ACK))


@asynccontextmanager
async def refusing() -> AsyncIterator[str]:
    """Its target. It refuses one call by GOAWAY with no stream processed, and is gone."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.close()
        assert await reader.readexactly(len(_PREFACE)) == _PREFACE
        writer.write(_frame(_SETTINGS))
        await _until_called(reader, writer)
        writer.write(_frame(_GOAWAY, payload=struct.pack(">II", 0, _INTERNAL_ERROR)))
        await writer.drain()

    async with talking(refuse) as server:
        yield f"127.0.0.1:{port_of(server)}"
