"""The process: how it stops, and what it writes to its logs."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import websockets
from gateway_rig.auth import SERVICE_TOKEN, AuthServer
from gateway_rig.client import Client
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import Rig, running
from halftone.v1 import session_pb2 as pb


@asynccontextmanager
async def process(
    auth: AuthServer, compute: ComputeServer, **changes: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """`python -m halftone_gateway` with a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "HALFTONE_AUTH_URL": auth.url,
        "HALFTONE_COMPUTE_TARGETS": compute.target,
        "HALFTONE_GATEWAY_PORT": str(port),
        "HALFTONE_SERVICE_TOKEN": SERVICE_TOKEN,
        "HALFTONE_GATEWAY_DRAIN_S": "0.5",
        **changes,
    }
    running_process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "halftone_gateway", env={**os.environ, **settings}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield running_process, port
    finally:
        if running_process.returncode is None:
            running_process.kill()
        await running_process.wait()


async def connected(port: int) -> None:
    """Waits for a process to listen."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def test_a_stop_is_told_then_closed_and_no_token_is_logged(auth: AuthServer, compute: ComputeServer) -> None:
    async with process(auth, compute) as (gateway, port):
        await connected(port)
        with pytest.raises(websockets.InvalidStatus):
            async with Client.connect(port, query=f"?token={auth.access()}"):
                pass
        async with Client.connect(port) as client:
            await client.auth(auth.access())
            await client.open()
            assert await client.frame(1)
            gateway.send_signal(signal.SIGTERM)
            notice = (await client.until("notice")).notice
            assert notice.code == pb.NOTICE_CODE_DRAINING
            assert await client.close_code() == 1012
        assert gateway.stdout is not None
        async with asyncio.timeout(15):
            output = (await gateway.stdout.read()).decode()
            await gateway.wait()
    lines = [json.loads(line) for line in output.splitlines()]
    assert all(line["service"] == "gateway" for line in lines)
    assert "eyJ" not in output


async def test_while_it_drains_it_still_says_no(auth: AuthServer, compute: ComputeServer) -> None:
    async with process(auth, compute, HALFTONE_GATEWAY_DRAIN_S="40") as (gateway, port):
        await connected(port)
        async with Client.connect(port) as client, httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web:
            await client.auth(auth.access())
            gateway.send_signal(signal.SIGTERM)
            await client.until("notice")
            answer = await web.get("/readyz")
            assert (answer.status_code, answer.json()["checks"]["draining"]) == (503, True)
            assert (await web.get("/healthz")).status_code == 200
            with pytest.raises(websockets.InvalidStatus) as caught:
                async with Client.connect(port):
                    pass
            assert caught.value.response.status_code == 503
            assert caught.value.response.headers["Retry-After"] == "1"
            assert await client.close_code() == 1012
        async with asyncio.timeout(15):
            assert await gateway.wait() in (0, -signal.SIGTERM)


async def test_a_draining_process_takes_no_new_sockets(rig: Rig) -> None:
    rig.gateway.registry.draining = True
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with Client.connect(rig.port):
            pass
    assert caught.value.response.status_code == 503
    assert caught.value.response.headers["Retry-After"] == "1"


async def test_at_the_limit_of_sockets_probes_are_answered(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_concurrency=2) as rig, rig.client(), rig.client():
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with Client.connect(rig.port):
                pass
        assert caught.value.response.status_code == 503
        async with httpx2.AsyncClient(base_url=rig.url) as web:
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await web.get(path)).status_code == 200


async def test_every_socket_is_drained(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_drain_s=0.2) as rig, rig.client() as one, rig.client() as two:
        await rig.gateway.drain()
        for client in (one, two):
            assert (await client.until("notice")).notice.code == pb.NOTICE_CODE_DRAINING
            assert await client.close_code() == 1012
