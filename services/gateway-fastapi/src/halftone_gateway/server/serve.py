"""Uvicorn as the gateway runs it: bounded messages, no compression, slow readers cut off, a drained stop."""

import socket as sockets
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from halftone_servicekit.http_server import HttpServer
from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from halftone_gateway.limits import MESSAGE_BYTES
from halftone_gateway.server.gateway import gateway_of
from halftone_gateway.session.connection import CUT
from halftone_gateway.settings import GatewaySettings

_PING_S: Final = 20.0
_LINGER_S: Final = 5.0
# For the remaining plain requests and close handshakes, after the sockets are drained.
_REST_S: Final = 5
# Concurrent plain requests, in addition to the sockets.
_PLAIN: Final = 1024


class GatewayProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's own protocol, with a close that does not wait for a peer that has stopped reading."""

    @override
    async def run_asgi(self) -> None:
        # Uvicorn's type knows the standard extensions only.
        extensions: dict[str, Any] = {**(self.scope.get("extensions") or {}), CUT: self.cut}
        self.scope["extensions"] = extensions
        await super().run_asgi()

    def cut(self, code: int, reason: str) -> None:
        """Closes with a code, which arrives if the peer reads on; drops the connection otherwise."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.transport.close()
        self.loop.call_later(_LINGER_S, self.transport.abort)


class GatewayServer(HttpServer):
    """Drains its sockets before it stops."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    @override
    async def shutdown(self, sockets: list[sockets.socket] | None = None) -> None:
        # It listens while it drains: upgrades get 503 with Retry-After, and readiness probes turn false.
        await gateway_of(self._app).drain(lambda: self.force_exit)
        await super().shutdown(sockets)


def make_server(app: FastAPI, settings: GatewaySettings) -> GatewayServer:
    """The server of the app; `serve()` it inside an event loop or `run()` it."""
    config = uvicorn.Config(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        ws=GatewayProtocol,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=_PING_S,
        ws_ping_timeout=_PING_S,
        # Uvicorn's limit counts sockets but refuses plain requests only. The registry bounds the sockets; probes and
        # scrapes must be answered at that bound too.
        limit_concurrency=settings.gateway_concurrency + _PLAIN,
        timeout_graceful_shutdown=_REST_S,
        # `server/routes/socket.py` reads addresses behind a proxy.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    return GatewayServer(config, app)
