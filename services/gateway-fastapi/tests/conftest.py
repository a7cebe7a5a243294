"""Fixtures: the real application behind real servers, one set for each test."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gateway_rig.auth import SERVICE_TOKEN, AuthServer  # noqa: E402 - found by the line above
from gateway_rig.client import PROTO, Client  # noqa: E402 - found by the line above
from gateway_rig.compute import ComputeServer  # noqa: E402 - found by the line above
from gateway_rig.serving import serving  # noqa: E402 - found by the line above
from halftone_gateway.gateway import Gateway, gateway_of  # noqa: E402 - comes after the path
from halftone_gateway.main import create_app  # noqa: E402 - comes after the path
from halftone_gateway.server import GatewayServer, make_server  # noqa: E402 - comes after the path
from halftone_gateway.settings import GatewaySettings  # noqa: E402 - comes after the path
from pydantic import SecretStr  # noqa: E402 - comes after the path


@dataclass
class Rig:
    """Everything a test may touch."""

    auth: AuthServer
    compute: ComputeServer
    gateway: Gateway
    server: GatewayServer
    port: int

    @asynccontextmanager
    async def client(self, subprotocol: str = PROTO, **token: Any) -> AsyncIterator[Client]:  # noqa: ANN401 - of `access`
        """A client that has signed in; keywords are those of `AuthServer.access`."""
        async with Client.connect(self.port, subprotocol) as client:
            await client.auth(self.auth.access(**token))
            yield client


@asynccontextmanager
async def running(auth: AuthServer, compute: ComputeServer, **settings: Any) -> AsyncIterator[Rig]:  # noqa: ANN401 - of settings
    """A gateway between the two servers, with some settings changed."""
    values: dict[str, Any] = {
        "auth_url": auth.url,
        "compute_targets": (compute.target,),
        "gateway_port": 0,
        "service_token": SecretStr(SERVICE_TOKEN),
        "gateway_events_interval_s": 0.05,
        "gateway_drain_s": 0.0,
    }
    made = GatewaySettings(**{**values, **settings})
    app = create_app(made)
    server = make_server(app, made)
    async with serving(server) as port:
        yield Rig(auth, compute, gateway_of(app), server, port)


@pytest.fixture
async def auth() -> AsyncIterator[AuthServer]:
    async with AuthServer().serve() as server:
        yield server


@pytest.fixture
async def compute() -> AsyncIterator[ComputeServer]:
    async with ComputeServer().serve() as server:
        yield server


@pytest.fixture
async def rig(auth: AuthServer, compute: ComputeServer) -> AsyncIterator[Rig]:
    async with running(auth, compute) as made:
        yield made
