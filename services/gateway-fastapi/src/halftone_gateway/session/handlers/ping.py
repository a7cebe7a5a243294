"""Asks whether the gateway is there."""

from typing import TYPE_CHECKING, Final

from halftone.v1.session_pb2 import Ping

from halftone_gateway.session.effects import Effects

if TYPE_CHECKING:
    from halftone_gateway.session.connection import Connection

MESSAGE: Final = "ping"


async def handle(connection: "Connection", _message: Ping) -> Effects:
    return connection.session.ping()
