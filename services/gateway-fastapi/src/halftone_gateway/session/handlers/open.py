"""Opens a view; its grant is fetched next."""

from typing import Final

from halftone.v1.session_pb2 import Open

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "open"


async def handle(connection: Connection, message: Open) -> Effects:
    return connection.session.open(message)
