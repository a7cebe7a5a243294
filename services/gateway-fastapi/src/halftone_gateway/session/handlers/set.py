"""Changes options, viewport or both."""

from typing import Final

from halftone.v1.session_pb2 import Set

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "set"


async def handle(connection: Connection, message: Set) -> Effects:
    return connection.session.set(message, connection.now())
