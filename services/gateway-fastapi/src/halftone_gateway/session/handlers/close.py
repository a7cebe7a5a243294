"""Closes a view."""

from typing import Final

from halftone.v1.session_pb2 import Close

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "close"


async def handle(connection: Connection, message: Close) -> Effects:
    return connection.session.close(message)
