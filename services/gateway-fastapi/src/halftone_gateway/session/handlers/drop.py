"""The client has evicted pieces."""

from typing import TYPE_CHECKING, Final

from halftone.v1.session_pb2 import Drop

from halftone_gateway.session.effects import Effects

if TYPE_CHECKING:
    from halftone_gateway.session.connection import Connection

MESSAGE: Final = "drop"


async def handle(connection: "Connection", message: Drop) -> Effects:
    return connection.session.drop(message)
