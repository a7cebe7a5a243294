"""A network between the browser and the product that can stand still: every byte waits, and no connection is closed."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 65_536


class Network:
    """Forwards TCP from a free port of loopback to another, while it moves."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._moves = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._started = threading.Event()
        self._ended = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()

    @classmethod
    @contextmanager
    def to(cls, target: int) -> Iterator["Network"]:
        """A network that moves, to a port of loopback."""
        network = cls(target)
        network._thread.start()
        network._started.wait()
        try:
            yield network
        finally:
            network._loop.call_soon_threadsafe(network._ended.set)
            network._thread.join()
            network._loop.close()

    @contextmanager
    def stalled(self, *, lost: bool = False) -> Iterator[None]:
        """Inside the block nothing arrives, on connections that are there and on new ones; `lost`: they end with it."""
        self._loop.call_soon_threadsafe(self._moves.clear)
        try:
            yield
        finally:
            if lost:
                self._loop.call_soon_threadsafe(self._cut)
            self._loop.call_soon_threadsafe(self._moves.set)

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self) -> None:
        self._moves.set()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._ended.wait()
        server.close()
        ours = asyncio.current_task()
        for task in asyncio.all_tasks() - {ours}:
            task.cancel()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._moves.wait()
        back, there = await asyncio.open_connection("127.0.0.1", self._target)
        ends = {writer, there}
        self._open |= ends
        # A browser ends connections without a word, also in the middle of an answer.
        await asyncio.gather(self._forward(reader, there), self._forward(back, writer), return_exceptions=True)
        self._open -= ends

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                await self._moves.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
