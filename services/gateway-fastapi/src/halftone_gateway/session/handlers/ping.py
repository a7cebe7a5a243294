"""Answers with `pong`."""

from typing import Final

from halftone.v1.session_pb2 import Ping

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "ping"


async def handle(connection: Connection, _message: Ping) -> Effects:
    return connection.session.ping()
