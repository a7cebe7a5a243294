"""Opens a view; its grant is fetched next."""

from typing import TYPE_CHECKING, Final

from halftone.v1.session_pb2 import Open

from halftone_gateway.session.effects import Effects

if TYPE_CHECKING:
    from halftone_gateway.session.connection import Connection

MESSAGE: Final = "open"


async def handle(connection: "Connection", message: Open) -> Effects:
    return connection.session.open(message)
