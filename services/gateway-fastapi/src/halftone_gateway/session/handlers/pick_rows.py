"""Asks for rows behind the picture of a view."""

from typing import Final

from halftone.v1.session_pb2 import PickRows

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "pick_rows"


async def handle(connection: Connection, message: PickRows) -> Effects:
    return connection.session.pick(message)
