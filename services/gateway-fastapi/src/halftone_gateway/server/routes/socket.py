"""The upgrade of /ws/compute: a refusal is an HTTP answer, never a close after the handshake."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from fastapi import APIRouter, WebSocket
from halftone_servicekit.addresses import Network, client_address
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.metrics import REFUSED
from halftone_gateway.server.errors import problem_response
from halftone_gateway.server.gateway import Gateway, gateway_of
from halftone_gateway.session.connection import Connection
from halftone_gateway.session.session import Session

router = APIRouter()

_TOKEN_KEYS: Final = frozenset({"token", "access_token", "jwt"})
_RETRY_MS: Final = 1000


@router.websocket("/ws/compute")
async def socket(websocket: WebSocket) -> None:
    """One socket, from its upgrade to its end."""
    gateway = gateway_of(websocket.app)
    address = address_of(websocket, gateway.settings.proxies())
    try:
        subprotocol = check_upgrade(websocket, gateway, address)
    except HalftoneError as error:
        REFUSED.labels(error.code).inc()
        # A token in the URL is a fault of the request, not of the token: 400.
        status = 400 if error.field == "token" else None
        await websocket.send_denial_response(problem_response(error, status))
        return
    services = gateway.services
    now = gateway.now()
    session = Session(uuid4().hex, services.limits, now, has_origin="origin" in websocket.headers)
    connection = Connection(websocket, gateway.codecs[subprotocol], services, session)
    services.registry.enter(connection, address)
    try:
        await websocket.accept(subprotocol=subprotocol)
        await connection.run()
    finally:
        services.registry.leave(connection)


def check_upgrade(websocket: WebSocket, gateway: Gateway, address: str) -> str:
    """The subprotocol to use. Raises HalftoneError for a request that gets no socket."""
    if any(key.lower() in _TOKEN_KEYS for key in websocket.query_params):
        raise HalftoneError(
            ErrorCode.TOKEN_INVALID,
            "Send the token in the first message, `auth`, not in the URL; see docs/protocol.md.",
            field="token",
        )
    offered = [name for name in websocket.scope["subprotocols"] if name in gateway.codecs]
    if not offered:
        raise HalftoneError(
            ErrorCode.UNSUPPORTED_VERSION,
            f"Offer one of the subprotocols {', '.join(gateway.codecs)}.",
            field="Sec-WebSocket-Protocol",
        )
    origins = websocket.headers.getlist("origin")
    if origins and (len(origins) > 1 or origins[0] not in gateway.origins):
        raise HalftoneError(ErrorCode.ORIGIN_REFUSED, field="Origin")
    if gateway.registry.draining or not gateway.registry.has_room(address):
        raise HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=_RETRY_MS)
    return str(offered[0])


def address_of(websocket: WebSocket, trusted: Sequence[Network]) -> str:
    """The address of the client; a header counts only when a trusted proxy has written it."""
    peer = websocket.client.host if websocket.client else ""
    return client_address(peer, "", websocket.headers.get("x-forwarded-for", ""), trusted) or peer
