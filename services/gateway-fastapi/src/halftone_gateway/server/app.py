"""The application: routes, error documents, and the lifespan that starts and stops the parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

from halftone_gateway.server import errors
from halftone_gateway.server.gateway import Gateway
from halftone_gateway.server.routes import docs, health, kinds, metrics, socket
from halftone_gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)


def create_app(settings: GatewaySettings) -> FastAPI:
    """The app; its parts start and stop with its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings.service_token is None:
            log.warning("revocations_off", reason="HALFTONE_SERVICE_TOKEN is not set")
        app.state.gateway = gateway = Gateway(settings)
        try:
            yield
        finally:
            await gateway.close()

    app = FastAPI(
        title="Halftone gateway",
        version="1",
        description="Frames are requested over the WebSocket /ws/compute, described in docs/protocol.md.",
        lifespan=lifespan,
        openapi_url="/compute/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    errors.install(app)
    for routes in (socket, health, metrics, kinds, docs):
        app.include_router(routes.router)
    docs.mount_assets(app)
    return app
