"""Cancels a frame."""

from typing import Final

from halftone.v1.session_pb2 import Cancel

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "cancel"


async def handle(connection: Connection, message: Cancel) -> Effects:
    return connection.session.cancel(message)
