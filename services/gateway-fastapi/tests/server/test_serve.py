"""The process: how it stops, and what it writes to its logs."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
import websockets
from gateway_rig.auth import SERVICE_TOKEN, AuthServer
from gateway_rig.client import Client
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import PATIENT_S, Rig, running
from gateway_rig.waiting import DEADLINE_S, eventually
from halftone.v1 import session_pb2 as pb


@dataclass
class GatewayProcess:
    """It listens on its port, and has written its first lines of log."""

    process: asyncio.subprocess.Process
    port: int
    head: bytes

    async def rest(self) -> bytes:
        """What else it writes, until it has ended."""
        assert self.process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            rest = await self.process.stdout.read()
            await self.process.wait()
        return rest


@asynccontextmanager
async def process(auth: AuthServer, compute: ComputeServer, **changes: str) -> AsyncIterator[GatewayProcess]:
    """`python -m halftone_gateway` on a port that it chooses; it has shown its first picture."""
    settings = {
        "HALFTONE_AUTH_URL": auth.url,
        "HALFTONE_COMPUTE_TARGETS": compute.target,
        "HALFTONE_GATEWAY_PORT": "0",
        "HALFTONE_SERVICE_TOKEN": SERVICE_TOKEN,
        "HALFTONE_GATEWAY_DRAIN_S": "0.5",
        **{f"HALFTONE_GATEWAY_{name}_S": str(PATIENT_S) for name in ("AUTH_TIMEOUT", "STALL", "COMPUTE_WAIT")},
        **changes,
    }
    running_process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "halftone_gateway", env={**os.environ, **settings}, stdout=asyncio.subprocess.PIPE
    )
    try:
        port, head = await listening(running_process)
        await warmed(auth, port)
        yield GatewayProcess(running_process, port, head)
    finally:
        if running_process.returncode is None:
            running_process.kill()
        await running_process.wait()


async def listening(started: asyncio.subprocess.Process) -> tuple[int, bytes]:
    """Waits for a process to listen: the port that it names in its log, and its log until then."""
    assert started.stdout is not None
    head = b""
    async with asyncio.timeout(2 * DEADLINE_S):
        while line := await started.stdout.readline():
            head += line
            if found := re.search(rb"running on http://127\.0\.0\.1:(\d+)", line):
                return int(found[1]), head
    raise AssertionError(head.decode())


async def warmed(auth: AuthServer, port: int) -> None:
    """The process has keys, a grant and a picture: it waits for others no longer than it would in earnest."""
    kind = ""
    async with asyncio.timeout(2 * DEADLINE_S):
        while kind != "frame":
            async with Client.connect(port) as client:
                await client.send(auth=pb.Auth(access_token=auth.access()))
                await client.open()
                while (kind := (await client.recv()).WhichOneof("message") or "") not in ("frame", "error"):
                    pass


async def test_a_stop_is_announced_before_sockets_close_and_no_token_is_logged(
    auth: AuthServer, compute: ComputeServer
) -> None:
    async with process(auth, compute) as gateway:
        with pytest.raises(websockets.InvalidStatus):
            async with Client.connect(gateway.port, query=f"?token={auth.access()}"):
                pass
        async with Client.connect(gateway.port) as client:
            await client.auth(auth.access())
            await client.open()
            assert await client.frame(1)
            gateway.process.send_signal(signal.SIGTERM)
            notice = (await client.until("notice")).notice
            assert notice.code == pb.NOTICE_CODE_DRAINING
            assert await client.close_code() == 1012
        output = (gateway.head + await gateway.rest()).decode()
        assert gateway.process.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in output.splitlines()]
    assert all(line["service"] == "gateway" for line in lines)
    assert "eyJ" not in output


async def test_while_it_drains_it_still_says_no(auth: AuthServer, compute: ComputeServer) -> None:
    async with process(auth, compute, HALFTONE_GATEWAY_DRAIN_S="6000") as gateway:
        url = f"http://127.0.0.1:{gateway.port}"
        async with (
            Client.connect(gateway.port) as client,
            httpx2.AsyncClient(base_url=url, timeout=DEADLINE_S) as web,
        ):
            await client.auth(auth.access())
            gateway.process.send_signal(signal.SIGTERM)
            await client.until("notice")
            answer = await web.get("/readyz")
            assert (answer.status_code, answer.json()["checks"]["draining"]) == (503, True)
            assert (await web.get("/healthz")).status_code == 200
            with pytest.raises(websockets.InvalidStatus) as caught:
                async with Client.connect(gateway.port):
                    pass
            assert caught.value.response.status_code == 503
            assert caught.value.response.headers["Retry-After"] == "1"
            # Who does not want to wait for the end of the drain says so.
            gateway.process.send_signal(signal.SIGINT)
            assert await client.close_code() == 1012
        await gateway.rest()
        assert gateway.process.returncode in (0, -signal.SIGTERM)


async def test_a_draining_process_takes_no_new_sockets(rig: Rig) -> None:
    rig.gateway.registry.drain()
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with Client.connect(rig.port):
            pass
    assert caught.value.response.status_code == 503
    assert caught.value.response.headers["Retry-After"] == "1"


async def test_at_the_limit_of_sockets_probes_are_answered(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_concurrency=2) as rig, rig.client(), rig.client():
        await eventually(lambda: rig.gateway.pool.reached)
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with Client.connect(rig.port):
                pass
        assert caught.value.response.status_code == 503
        async with rig.web() as web:
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await web.get(path)).status_code == 200


async def test_every_socket_is_drained(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_drain_s=0.2) as rig, rig.client() as one, rig.client() as two:
        await rig.gateway.drain()
        for client in (one, two):
            assert (await client.until("notice")).notice.code == pb.NOTICE_CODE_DRAINING
            assert await client.close_code() == 1012
