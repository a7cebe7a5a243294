"""What a grant opens, as the rest of the gateway passes it on."""

from dataclasses import dataclass

from halftone.v1.session_pb2 import Version
from halftone_servicekit.tokens import Grant
from halftone_views import Table


@dataclass(frozen=True, slots=True)
class GrantedVersion:
    """What one person may read of one version: the grant as signed and as read, and the table of readable columns.

    Both times are on the clock of the event loop.
    """

    token: str
    grant: Grant
    version: Version
    table: Table
    expires_at: float
    renew_at: float
