"""Runs an ASGI app by uvicorn inside the test's event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from gateway_rig.waiting import DEADLINE_S


@asynccontextmanager
async def serving(server: uvicorn.Server) -> AsyncIterator[int]:
    """Yields the port; the server stops as a process would when told to."""
    # Not `serve`, which would take the signals of the test process over.
    task = asyncio.create_task(server._serve())
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:
            await asyncio.sleep(0.005)
            if task.done():
                task.result()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield port
    finally:
        server.should_exit = True
        await task
