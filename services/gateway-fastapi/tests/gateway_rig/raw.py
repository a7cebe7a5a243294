"""A socket of bytes: what a WebSocket library would never send, and a peer that does not read."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def raw_socket(port: int, subprotocol: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection after the upgrade; it takes no more than about 128 KiB until it is read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /ws/compute HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head
        yield reader, writer
    finally:
        writer.close()


def masked(first: int, payload: bytes, *, mask: bool = True) -> bytes:
    """A frame with a first byte of choice, at most 65,535 bytes; its mask is zero."""
    bit = 0x80 if mask else 0
    short = len(payload) < 126
    length = bytes([len(payload) | bit]) if short else bytes([126 | bit]) + struct.pack("!H", len(payload))
    return bytes([first]) + length + (b"\0\0\0\0" if mask else b"") + payload
