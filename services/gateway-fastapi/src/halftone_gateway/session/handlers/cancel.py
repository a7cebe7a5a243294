"""A frame is not wanted any more."""

from typing import TYPE_CHECKING, Final

from halftone.v1.session_pb2 import Cancel

from halftone_gateway.session.effects import Effects

if TYPE_CHECKING:
    from halftone_gateway.session.connection import Connection

MESSAGE: Final = "cancel"


async def handle(connection: "Connection", message: Cancel) -> Effects:
    return connection.session.cancel(message)
