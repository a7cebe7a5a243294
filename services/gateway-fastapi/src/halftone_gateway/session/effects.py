"""What a session asks the edge to do. The edge carries effects out in order."""

from dataclasses import dataclass

from halftone.v1.session_pb2 import ServerMessage
from halftone_views import Resolved

from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.delivery.frame_message import FrameMessage


@dataclass(frozen=True, slots=True)
class Send:
    """Send a control message."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Send pieces. Queued frames are dropped when the socket closes; control messages are not."""

    frame: FrameMessage


@dataclass(frozen=True, slots=True)
class FetchGrant:
    """Ask the auth service for a grant; `fresh` bypasses the cache. Answered by `granted` or `denied`."""

    view_id: int
    epoch: int
    dataset: str
    version_id: str
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class RequestFrame:
    """Get the pieces at the places `missing`. Answered by `sampled` and `progressed` (only if it may be `approximate`
    first) and `arrived`, then `finished` or `failed`, with this id.
    """

    view_id: int
    seq: int
    request_id: int
    granted: GrantedVersion
    resolved: Resolved
    missing: tuple[int, ...]
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class CancelFrame:
    """Cancel a requested frame: its answer would be discarded."""

    request_id: int


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Close, after the control messages before it."""

    code: int
    reason: str


Effect = Send | SendFrame | FetchGrant | RequestFrame | CancelFrame | CloseSocket
Effects = list[Effect]
