"""A real server on a real socket, with a memory store and a real JWKS server beside it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import grpc
from halftone_compute.serve.server import ComputeServer
from halftone_compute.settings import ComputeSettings

from compute_rig.client import RenderClient
from compute_rig.memory import MemoryStore, MemoryVersion
from compute_rig.tokens import VERSION, JwksServer, Signer
from compute_rig.waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import numpy as np
    from halftone_compute.backends.engines import Engines


@dataclass
class Rig:
    signer: Signer
    jwks: JwksServer
    store: MemoryStore = field(default_factory=MemoryStore)
    engines: Engines | None = None

    def put(self, values: dict[str, np.ndarray], **options: Any) -> MemoryVersion:  # noqa: ANN401 - passed on as they are
        """Stores the version that grants name by default."""
        version = MemoryVersion(VERSION, values, **options)
        self.store.versions[VERSION] = version
        return version

    @asynccontextmanager
    async def serving(self, **settings: Any) -> AsyncIterator[Serving]:  # noqa: ANN401 - passed on as they are
        defaults: dict[str, Any] = {
            "compute_port": 0,
            "compute_backend": "cpu",
            "compute_slots": 2,
            "compute_drain_seconds": PATIENCE_S,
        }
        # What is made in the background lies in a folder that is of one server alone.
        with TemporaryDirectory() as home:
            chosen = ComputeSettings(auth_url=self.jwks.url, **{"home": home, **defaults, **settings})
            server = ComputeServer(chosen, self.store, self.engines)
            port = await server.start()
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                try:
                    yield Serving(server, channel, port, self.signer)
                finally:
                    await channel.close()
                    await server.stop()


@dataclass
class Serving:
    server: ComputeServer
    channel: grpc.aio.Channel
    port: int
    signer: Signer

    @property
    def is_idle(self) -> bool:
        """Whether no job waits for a scan; one that was given up may still be in its last block."""
        return not self.server._scans._by_piece

    def raw_stream(self, method: str) -> grpc.aio.StreamStreamCall[bytes, bytes]:
        """A call that sends and gets bytes as they are."""
        return self.channel.stream_stream(method, _as_it_is, _as_it_is)()

    async def raw(self, method: str, body: bytes, deadline: float | None = PATIENCE_S) -> bytes:
        """A call of a unary method, or the first reply of a streaming one, in bytes as they are."""
        reply = await self.channel.unary_unary(method, _as_it_is, _as_it_is)(body, timeout=deadline)
        return bytes(reply)

    def client(self, grant: str | None = None) -> RenderClient:
        return RenderClient(self.channel, self.signer.grant() if grant is None else grant)


def _as_it_is(body: bytes) -> bytes:
    return body
