"""The parts of the process, wired together, from start to stop."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Final

import structlog
from fastapi import Depends, FastAPI, Request
from halftone_servicekit.tokens import Jwks, TokenVerifier

from halftone_gateway.access.auth_client import AuthClient
from halftone_gateway.access.bus import Bus
from halftone_gateway.access.events import Concerned, EventReader
from halftone_gateway.access.grants import Grants
from halftone_gateway.access.registry import Registry
from halftone_gateway.access.revocations import Revocations
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.discovery.dns import DnsSource
from halftone_gateway.compute.discovery.kubernetes import KubernetesSource
from halftone_gateway.compute.discovery.source import Source, StaticSource
from halftone_gateway.compute.pool import Pool
from halftone_gateway.delivery.codec import codecs
from halftone_gateway.metrics import CONNECTION_LIMIT, DRAINING
from halftone_gateway.pieces.broker import Broker
from halftone_gateway.pieces.cache import PieceCache
from halftone_gateway.pieces.shared_cache import SharedCache
from halftone_gateway.server import loop_lag
from halftone_gateway.session.connection import Connection, Services
from halftone_gateway.session.effects import CloseSocket
from halftone_gateway.session.handlers import HANDLERS
from halftone_gateway.settings import GatewaySettings

# Clients reconnect spread over this time at least, so that the next process does not get all of them at once.
_SPREAD_S: Final = 2.0
_SHORTEST_S: Final = 0.25
_BATCHES: Final = 20
_TICK_S: Final = 0.1

log = structlog.get_logger(__name__)


class Gateway:
    """Made inside a running event loop; `close` ends what it started."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.origins = settings.origins()
        token = settings.service_token
        self.auth = AuthClient(settings.auth_url, token.get_secret_value() if token else None)
        verifier = TokenVerifier(Jwks(f"{settings.auth_url}/.well-known/jwks.json"), settings.issuer)
        self.grants = Grants(self.auth, verifier)
        # Without a service token there is nothing to wait for: the gateway learns of no revocation.
        self.revocations = Revocations(is_known=token is None)
        self.pool = Pool(Dialer(settings.certificates()), settings.gateway_compute_wait_s, self._compute_back)
        self.registry = Registry[Connection](
            settings.gateway_concurrency,
            settings.gateway_sockets_per_user,
            settings.gateway_unauthenticated,
            settings.gateway_unauthenticated_per_address,
        )
        url = settings.cache_url
        self._shared = SharedCache(url.get_secret_value(), settings.gateway_shared_cache_ttl_s) if url else None
        cache = PieceCache(settings.gateway_piece_cache_bytes)
        self.codecs = codecs(cache)
        self.services = Services(
            verifier=verifier,
            revocations=self.revocations,
            grants=self.grants,
            broker=Broker(cache, self._shared, self.pool, settings.gateway_render_deadline_ms),
            registry=self.registry,
            handlers=HANDLERS,
            limits=settings.limits(),
            outbox_bytes=settings.gateway_outbox_bytes,
            stall_s=settings.gateway_stall_s,
        )
        CONNECTION_LIMIT.set(settings.gateway_concurrency)
        DRAINING.set(0)
        coroutines = [source_of(settings).run(self.pool.update), loop_lag.watch()]
        if self._shared:
            coroutines.append(self._shared.run())
        if token:
            coroutines.extend(self._event_tasks())
        self._tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
        for task in self._tasks:
            task.add_done_callback(_log_failure)

    def now(self) -> float:
        """The clock of every session."""
        return asyncio.get_running_loop().time()

    async def drain(self, is_hurried: Callable[[], bool] = lambda: False) -> None:
        """Sends each socket a notice and closes it, batch by batch, within HALFTONE_GATEWAY_DRAIN_S."""
        self.registry.drain()
        DRAINING.set(1)
        connections = list(self.registry)
        size = -(-len(connections) // _BATCHES) or 1
        for start in range(0, len(connections), size):
            batch = [connection for connection in connections[start : start + size] if not connection.session.closed]
            self._announce(batch)
            if batch:
                await self._pause(self.settings.gateway_drain_s / _BATCHES, is_hurried)
            for connection in batch:
                connection.apply([*connection.session.gone(), CloseSocket(1012, "the service restarts")])

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pool.close()
        if self._shared:
            await self._shared.close()
        await self.auth.close()

    def _announce(self, batch: Sequence[Connection]) -> None:
        # Batches are spread already: a long drain needs no long wait.
        longest_s = max(_SHORTEST_S, _SPREAD_S - self.settings.gateway_drain_s)
        for connection in batch:
            wait_ms = random.randint(0, int(longest_s * 1000))  # noqa: S311 - no secret
            connection.apply(connection.session.draining(wait_ms))

    async def _pause(self, seconds: float, is_hurried: Callable[[], bool]) -> None:
        until = self.now() + seconds
        while self.now() < until and not is_hurried():  # noqa: ASYNC110 - uvicorn reports a second signal by a flag
            await asyncio.sleep(min(_TICK_S, until - self.now()))

    def _event_tasks(self) -> list[Coroutine[None, None, None]]:
        settings = self.settings
        concerned = Concerned(self.revocations, self.grants, self.registry)
        events = EventReader(self.auth, concerned, settings.gateway_events_interval_s)
        if settings.bus_url is None:
            return [events.run()]
        return [events.run(), Bus(settings.bus_url.get_secret_value(), events.wake).run()]

    def _compute_back(self) -> None:
        for connection in self.registry.signed_in():
            connection.apply(connection.session.compute_back())


def source_of(settings: GatewaySettings) -> Source:
    """The source that HALFTONE_COMPUTE_DISCOVERY names. Raises ValueError where it cannot work."""
    match settings.compute_discovery:
        case "static":
            return StaticSource(settings.pools())
        case "dns":
            return DnsSource(settings.pools())
        case "kubernetes":
            return KubernetesSource(settings.pools(), settings.kubernetes_namespace)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task_failed", task=str(task.get_coro()), exc_info=error)


def gateway_of(app: FastAPI) -> Gateway:
    """The running gateway of an app."""
    gateway = app.state.gateway
    if not isinstance(gateway, Gateway):
        raise TypeError("the app has not been started")
    return gateway


def _running(request: Request) -> Gateway:
    return gateway_of(request.app)


Running = Annotated[Gateway, Depends(_running)]
