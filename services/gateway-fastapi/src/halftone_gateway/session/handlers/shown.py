"""A frame is on screen: its credit comes back."""

from typing import Final

from halftone.v1.session_pb2 import Shown

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "shown"


async def handle(connection: Connection, message: Shown) -> Effects:
    return connection.session.shown(message)
