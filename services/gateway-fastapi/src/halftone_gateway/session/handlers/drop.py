"""The client has evicted pieces."""

from typing import Final

from halftone.v1.session_pb2 import Drop

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "drop"


async def handle(connection: Connection, message: Drop) -> Effects:
    return connection.session.drop(message)
