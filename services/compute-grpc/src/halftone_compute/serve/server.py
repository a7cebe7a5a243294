"""The server: puts the parts together, reports its health, and stops without losing replies."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.tokens import Jwks, TokenVerifier
from halftone_wire import warm_up

from halftone_compute.backends.base import Cancel
from halftone_compute.backends.choose import choose
from halftone_compute.render.renderer import Renderer
from halftone_compute.render.shared import SharedScans
from halftone_compute.render.statistics import kernels
from halftone_compute.serve.admit import Admission
from halftone_compute.serve.grants import Grants
from halftone_compute.serve.rows import RowReads
from halftone_compute.serve.servicer import SERVICE, ComputeServicer
from halftone_compute.serve.tls import credentials, files_of
from halftone_compute.store import places
from halftone_compute.store.open import open_store

if TYPE_CHECKING:
    from halftone_compute.backends.engines import Engines
    from halftone_compute.settings import ComputeSettings
    from halftone_compute.store.base import Store

MAX_REQUEST_BYTES = 1 << 20
LIVE, READY = "live", "ready"
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
    # A whole viewport is one message; its size is bounded by the memory of a pass.
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
    # Finds dead gateways, and lets gateways look for dead servers each second.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 500),
)

log = structlog.get_logger(__name__)


class ComputeServer:
    """One process's server. `start`, then `wait` until `stop`."""

    def __init__(self, settings: ComputeSettings, store: Store | None = None, engines: Engines | None = None) -> None:
        """Without engines they are chosen here; raises EngineError as `choose` does."""
        self._settings = settings
        self._engines = choose(settings) if engines is None else engines
        self._stopping = Cancel()
        self._later: asyncio.Task[None] | None = None
        self._health = health.aio.HealthServicer()
        self._tls = files_of(settings)
        admission = Admission(settings.compute_slots, settings.compute_queue, settings.compute_user_queue)
        self._renderer = Renderer(
            self._engines,
            settings.compute_pass_bytes,
            settings.compute_cache_path(),
            settings.compute_room_bytes(),
            settings.compute_slots,
        )
        # One more: `Admission` may let a second person in.
        threads = settings.compute_slots + 1
        self._scans = SharedScans(self._renderer, admission, threads)
        self._row_threads = ThreadPoolExecutor(threads, thread_name_prefix="rows")
        jwks = Jwks(f"{settings.auth_url.rstrip('/')}/.well-known/jwks.json")
        grants = Grants(TokenVerifier(jwks, settings.issuer))
        self._servicer = ComputeServicer(
            open_store(settings) if store is None else store,
            grants,
            self._scans,
            RowReads(admission, self._row_threads),
            knows_clients=self._tls is not None,
        )
        self._server = grpc.aio.server(options=OPTIONS)
        self._probed = grpc.aio.server(options=OPTIONS) if settings.compute_health_port else None

    async def start(self, address: str | None = None) -> int:
        """Listens, compiles what tiles need, then says that it is ready. Returns the port (0 for a Unix socket).

        Raises RuntimeError when the address is taken.
        """
        settings = self._settings
        self._server.add_generic_rpc_handlers((self._servicer.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.compute_reflection:
            names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        await self._tell(LIVE, is_serving=True)
        await self._tell(READY, is_serving=False)
        port = self._listen(address or f"{settings.compute_host}:{settings.compute_port}")
        await self._server.start()
        await self._start_probed()
        await asyncio.to_thread(self._engines.warm_up)
        await asyncio.to_thread(warm_up)
        await self._tell(READY, is_serving=True)
        # Datashader's functions cannot be cached on disk. Compiling them here would hold every tile back for what
        # few ask for; a free viewport that comes before they are done compiles what it needs itself. So do axes with a
        # transform, and whatever an engine that only stands in is asked.
        self._later = asyncio.create_task(self._warm_up_later())
        log.info("ready", port=port, slots=settings.compute_slots, backend=self._engines.current().name)
        return port

    async def wait(self) -> None:
        """Until the server has stopped."""
        await self._server.wait_for_termination()

    async def stop(self) -> None:
        """Says that it is going, then refuses new work, answers what is open, and cancels what takes too long."""
        await self._tell(READY, is_serving=False)
        self._stopping.set()
        # The news that this server is going takes its time to reach those who send work here.
        await asyncio.sleep(self._settings.compute_drain_wait_seconds)
        self._servicer.drain()
        await self._server.stop(self._settings.compute_drain_seconds)
        await self._scans.close()
        await asyncio.to_thread(self._row_threads.shutdown)
        await asyncio.to_thread(self._renderer.close)
        if self._later is not None:
            await self._later
        self._engines.close()
        if self._probed is not None:
            await self._probed.stop(None)

    def _listen(self, address: str) -> int:
        if self._tls is None:
            return self._server.add_insecure_port(address)
        return self._server.add_secure_port(address, credentials(self._tls))

    async def _start_probed(self) -> None:
        """Health on a port of its own: a probe of Kubernetes speaks no TLS. It is answered by the loop that does the
        work, so that `live` is true only while that loop turns."""
        if self._probed is not None:
            health_pb2_grpc.add_HealthServicer_to_server(self._health, self._probed)
            self._probed.add_insecure_port(f"{self._settings.compute_host}:{self._settings.compute_health_port}")
            await self._probed.start()

    async def _warm_up_later(self) -> None:
        try:
            await asyncio.to_thread(places.warm_up)
            await asyncio.to_thread(kernels.warm_up)
            await asyncio.to_thread(self._engines.warm_up_free, self._stopping)
        except HalftoneError:
            log.info("warm-up ended early")
        except Exception:
            # The request that needs what failed here fails by itself, with its own error.
            log.exception("warm-up failed")

    async def _tell(self, service: str, *, is_serving: bool) -> None:
        status = health_pb2.HealthCheckResponse.SERVING if is_serving else health_pb2.HealthCheckResponse.NOT_SERVING
        await self._health.set(service, status)
        if service == READY:
            await self._health.set("", status)
