"""What a session asks the edge to do. The edge carries effects out in order."""

from dataclasses import dataclass

from halftone.v1.compute_pb2 import RowsRequest
from halftone.v1.session_pb2 import PickRows, RowPage, ServerMessage
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
class RequestRows:
    """Get a page of rows, in place of an earlier one of the same view. Answered by `picked` or `pick_failed`."""

    pick: PickRows
    granted: GrantedVersion
    request: RowsRequest


@dataclass(frozen=True, slots=True)
class CancelRows:
    """Cancel the page of rows that a view waits for."""

    view_id: int


@dataclass(frozen=True, slots=True)
class SendRows:
    """Send a page of rows. Queued like a frame."""

    page: RowPage


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Close, after the control messages before it."""

    code: int
    reason: str


Effect = Send | SendFrame | FetchGrant | RequestFrame | CancelFrame | RequestRows | CancelRows | SendRows | CloseSocket
Effects = list[Effect]
