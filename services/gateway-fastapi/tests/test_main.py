"""The program, as its own process."""

import asyncio
import os
import signal
import socket
import sys

import httpx2
from gateway_rig.waiting import DEADLINE_S


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


async def answer_of(url: str) -> int:
    """The status of a resource as soon as there is one."""
    async with httpx2.AsyncClient() as web, asyncio.timeout(DEADLINE_S):
        while True:
            try:
                return (await web.get(url)).status_code
            except httpx2.TransportError:
                await asyncio.sleep(0.05)


async def test_it_serves_until_sigterm() -> None:
    port = free_port()
    environment = {**os.environ, "HALFTONE_GATEWAY_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "halftone_gateway", env=environment)
    try:
        assert await answer_of(f"http://127.0.0.1:{port}/healthz") == 200
        process.terminate()
        async with asyncio.timeout(DEADLINE_S):
            # Uvicorn hands the signal on once it has stopped in order.
            assert await process.wait() in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
