import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from halftone_servicekit import http_server
from halftone_servicekit.http_server import HttpServer

DEADLINE_S = 60.0
PROGRAM = """
import sys, uvicorn
from halftone_servicekit import http_server

http_server.DATE_S = 3600.0

async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})

http_server.HttpServer(uvicorn.Config(application, port=0, lifespan="off", loop=sys.argv[1])).run()
"""


async def application(
    _scope: object, _receive: object, send: Callable[[Mapping[str, object]], Awaitable[None]]
) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[HttpServer, httpx2.AsyncClient]]:
    """A server and its client; the block ends the server."""
    server = HttpServer(uvicorn.Config(application, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server.serve([listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx2.AsyncClient(base_url=url, timeout=DEADLINE_S) as client:
            yield server, client
        async with asyncio.timeout(DEADLINE_S):
            await task


async def test_answers_carry_the_time_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "DATE_S", 0.05)
    async with serving() as (server, client):
        dates = {(await client.get("/")).headers["date"]}
        async with asyncio.timeout(DEADLINE_S):
            while len(dates) < 2:
                dates.add((await client.get("/")).headers["date"])
        server.should_exit = True


async def test_an_exit_from_another_thread_stops_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "DATE_S", 3600.0)
    async with serving() as (server, client):
        await client.get("/")
        assert not server.should_exit
        await asyncio.to_thread(setattr, server, "should_exit", True)
        assert server.should_exit


async def test_an_exit_before_the_start_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "DATE_S", 3600.0)
    async with serving() as (server, _):
        server.should_exit = True


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_a_signal_stops_it_at_once(loop: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, loop, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        while b"running on" not in await process.stdout.readline():
            pass
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == -signal.SIGTERM
