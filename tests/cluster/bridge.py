"""A port on this machine's loopback that leads into a network namespace, for clients that cannot enter it."""

import asyncio
import ctypes
import os
import socket
import threading
from pathlib import Path

CLONE_NEWNET = 0x40000000


class Bridge:
    """Listens on 127.0.0.1:`port` outside and passes each connection on to `target` inside, until `close`."""

    def __init__(self, namespace: Path, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        # A task without a reference is collected once both of its ends are gone.
        self._tasks: set[asyncio.Task[None] | None] = set()
        # The namespace is a thread's own: this one lives inside, with a socket that was opened outside.
        self._thread = threading.Thread(target=self._serve, args=(namespace,), name="bridge", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends every connection."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self, namespace: Path) -> None:
        enter(namespace)
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._passed_on, sock=self._listener))
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _passed_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await self._pass_on(reader, writer)
        finally:
            self._tasks.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(_copied(reader, there_writer), _copied(there_reader, writer))
        except asyncio.CancelledError:
            return
        finally:
            for one in (writer, there_writer):
                one.close()


def enter(namespace: Path) -> None:
    """Moves the calling thread, and no other, into a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with namespace.open() as opened:
        if libc.setns(opened.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(namespace))


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.transport.abort()
