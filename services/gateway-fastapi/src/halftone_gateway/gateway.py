"""The parts of the process, wired together, from start to stop."""

import asyncio
import random
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request
from halftone_servicekit.tokens import Jwks, TokenVerifier

from halftone_gateway.authclient import AuthClient
from halftone_gateway.broker import Broker
from halftone_gateway.connection import Connection, Services
from halftone_gateway.discovery import StaticTargets
from halftone_gateway.effects import CloseSocket
from halftone_gateway.grants import Grants
from halftone_gateway.handlers import HANDLERS
from halftone_gateway.piececache import PieceCache
from halftone_gateway.pool import Pool
from halftone_gateway.registry import Registry
from halftone_gateway.revocation import Revocation
from halftone_gateway.settings import GatewaySettings

# Clients come back spread over this time, so that the next process is not met by all of them at once.
_RECONNECT_MS: Final = 2000
_BATCHES: Final = 10


class Gateway:
    """Made inside a running event loop; `close` ends what it started."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.origins = settings.origins()
        token = settings.service_token
        self.auth = AuthClient(settings.auth_url, token.get_secret_value() if token else None)
        verifier = TokenVerifier(Jwks(f"{settings.auth_url}/.well-known/jwks.json"), settings.issuer)
        self.grants = Grants(self.auth, verifier)
        self.pool = Pool(settings.gateway_compute_wait_s, self._compute_back)
        self.registry = Registry[Connection](
            settings.gateway_sockets_per_user,
            settings.gateway_unauthenticated,
            settings.gateway_unauthenticated_per_address,
        )
        targets = StaticTargets(settings.targets())
        cache = PieceCache(settings.gateway_piece_cache_bytes)
        self.services = Services(
            verifier=verifier,
            grants=self.grants,
            broker=Broker(cache, self.pool, targets, settings.gateway_render_deadline_ms),
            registry=self.registry,
            handlers=HANDLERS,
            limits=settings.limits(),
            outbox_bytes=settings.gateway_outbox_bytes,
            stall_s=settings.gateway_stall_s,
        )
        for target in targets.current():
            self.pool.stream(target)
        self._following = self._follow_events() if token else None

    def now(self) -> float:
        """The clock of every session."""
        return asyncio.get_running_loop().time()

    async def drain(self) -> None:
        """Tells every socket to leave, and closes them in batches over the time that is set."""
        self.registry.draining = True
        leaving = list(self.registry)
        for connection in leaving:
            connection.apply(connection.session.draining(random.randint(0, _RECONNECT_MS)))  # noqa: S311 - no secret
        size = -(-len(leaving) // _BATCHES) or 1
        for start in range(0, len(leaving), size):
            await asyncio.sleep(self.settings.gateway_drain_s / _BATCHES)
            for connection in leaving[start : start + size]:
                connection.apply([*connection.session.gone(), CloseSocket(1012, "the service restarts")])

    async def close(self) -> None:
        if self._following:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self.pool.close()
        await self.auth.close()

    def _follow_events(self) -> asyncio.Task[None]:
        interval = self.settings.gateway_events_interval_s
        return asyncio.create_task(Revocation(self.auth, self.grants, self.registry, interval).run())

    def _compute_back(self) -> None:
        for connection in self.registry.signed_in():
            connection.apply(connection.session.compute_back())


def gateway_of(app: FastAPI) -> Gateway:
    """The running gateway of an app."""
    gateway = app.state.gateway
    if not isinstance(gateway, Gateway):
        raise TypeError("the app has not been started")
    return gateway


def _running(request: Request) -> Gateway:
    return gateway_of(request.app)


Running = Annotated[Gateway, Depends(_running)]
