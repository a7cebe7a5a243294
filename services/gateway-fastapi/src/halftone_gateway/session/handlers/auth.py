"""Signs in, or renews the sign-in with a fresh token of the same person."""

from typing import Final

from halftone.v1.frame_pb2 import CODEC_PACKED
from halftone.v1.session_pb2 import Auth
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.session.connection import Connection
from halftone_gateway.session.effects import Effects

MESSAGE: Final = "auth"


async def handle(connection: Connection, message: Auth) -> Effects:
    session = connection.session
    is_first = session.claims is None
    try:
        claims = await connection.services.verifier.verify_access(message.access_token)
        # Nothing is awaited from here to the registry: no revocation can come in between.
        connection.services.revocations.check(claims)
        refused = session.authenticated(claims, connection.from_wall_clock(claims.expires_at))
        if refused or session.closed:
            return refused
        if is_first:
            session.reads_packed = CODEC_PACKED in message.codecs
            connection.services.registry.sign_in(connection, claims.subject)
    except HalftoneError as error:
        return session.end(error)
    connection.use_token(message.access_token)
    return session.welcome(connection.now())
