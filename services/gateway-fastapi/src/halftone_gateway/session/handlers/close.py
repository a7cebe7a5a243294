"""A view is not wanted any more."""

from typing import TYPE_CHECKING, Final

from halftone.v1.session_pb2 import Close

from halftone_gateway.session.effects import Effects

if TYPE_CHECKING:
    from halftone_gateway.session.connection import Connection

MESSAGE: Final = "close"


async def handle(connection: "Connection", message: Close) -> Effects:
    return connection.session.close(message)
