"""What a session asks the edge to do. The edge carries effects out in order."""

from dataclasses import dataclass

from halftone.v1.session_pb2 import RelayFrame, ServerMessage

from halftone_gateway.access.granted import Access
from halftone_gateway.pieces.planning import Planned


@dataclass(frozen=True, slots=True)
class Send:
    """Send a control message."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Send pieces; frames may be dropped when the socket is about to close, control messages may not."""

    frame: RelayFrame


@dataclass(frozen=True, slots=True)
class FetchGrant:
    """Ask the auth service what the person may see; `fresh` passes by what is cached."""

    view_id: int
    epoch: int
    dataset: str
    version_id: str
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Render:
    """Get the pieces at these places of a plan; answered by `arrived`, then `finished` or `failed`, with this run."""

    view_id: int
    seq: int
    run: int
    access: Access
    planned: Planned
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CancelRender:
    """The answer of this run is not wanted any more."""

    run: int


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Close, after the control messages before it."""

    code: int
    reason: str


Effect = Send | SendFrame | FetchGrant | Render | CancelRender | CloseSocket
Effects = list[Effect]
