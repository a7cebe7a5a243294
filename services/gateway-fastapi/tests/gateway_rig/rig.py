"""The gateway between its two servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from halftone_gateway.server.app import create_app
from halftone_gateway.server.gateway import Gateway, gateway_of
from halftone_gateway.server.serve import GatewayServer, make_server
from halftone_gateway.settings import GatewaySettings
from pydantic import SecretStr

from gateway_rig.auth import SERVICE_TOKEN, AuthServer
from gateway_rig.client import PROTO, Client
from gateway_rig.compute import ComputeServer
from gateway_rig.serving import serving
from gateway_rig.waiting import DEADLINE_S, eventually

# How long the gateway waits for others, where that is not what a test is about.
PATIENT_S = 60.0


@dataclass
class Rig:
    """Everything a test may touch."""

    auth: AuthServer
    compute: ComputeServer
    gateway: Gateway
    server: GatewayServer
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def web(self) -> httpx2.AsyncClient:
        """A client of the plain resources."""
        return httpx2.AsyncClient(base_url=self.url, timeout=DEADLINE_S)

    @asynccontextmanager
    async def client(self, subprotocol: str = PROTO, **token: Any) -> AsyncIterator[Client]:  # noqa: ANN401 - of `access`
        """A client that has signed in; keywords are those of `AuthServer.access`."""
        async with Client.connect(self.port, subprotocol) as client:
            await client.auth(self.auth.access(**token))
            yield client


@asynccontextmanager
async def running(auth: AuthServer, compute: ComputeServer, **settings: Any) -> AsyncIterator[Rig]:  # noqa: ANN401 - of settings
    """A gateway between the two servers, with some settings changed, once it has read what was revoked."""
    async with starting(auth, compute, **settings) as rig:
        await eventually(lambda: rig.gateway.revocations.is_known)
        yield rig


@asynccontextmanager
async def starting(auth: AuthServer, compute: ComputeServer, **settings: Any) -> AsyncIterator[Rig]:  # noqa: ANN401 - of settings
    """The same as soon as it listens."""
    values: dict[str, Any] = {
        "auth_url": auth.url,
        "compute_targets": compute.target,
        "gateway_port": 0,
        "service_token": SecretStr(SERVICE_TOKEN),
        "gateway_events_interval_s": 0.05,
        "gateway_drain_s": 0.0,
        "gateway_auth_timeout_s": PATIENT_S,
        "gateway_stall_s": PATIENT_S,
        "gateway_compute_wait_s": PATIENT_S,
    }
    # More than an operator may set.
    deadline = {"gateway_render_deadline_ms": int(PATIENT_S * 1000)}
    made = GatewaySettings(**{**values, **settings}).model_copy(update=deadline)
    app = create_app(made)
    server = make_server(app, made)
    async with serving(server) as port:
        yield Rig(auth, compute, gateway_of(app), server, port)
