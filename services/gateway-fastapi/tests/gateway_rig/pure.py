"""Sessions without sockets: access, claims and a client's memory made by hand."""

from dataclasses import dataclass, field

from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import FRAME_STATUS_EXACT, Receipt
from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.delivery.codec import ProtoCodec
from halftone_gateway.delivery.frame_message import FrameMessage
from halftone_gateway.pieces.frame_request import SerialisedPiece
from halftone_gateway.session.effects import (
    CancelFrame,
    CloseSocket,
    Effects,
    FetchGrant,
    RequestFrame,
    RequestRows,
    Send,
    SendFrame,
    SendRows,
)
from halftone_servicekit.tokens import AccessClaims, Grant
from halftone_views import ColumnInfo, Table

from gateway_rig.auth import ANN, COLUMNS, uuid_of

FAR = 1e9


def access(
    *,
    version: str = uuid_of("flights/1"),
    policy: str = "0",
    columns: frozenset[str] = frozenset("*"),
    shown: tuple[ColumnInfo, ...] = COLUMNS,
    renew_at: float = FAR,
) -> GrantedVersion:
    """The right to see flights."""
    grant = Grant(ANN, uuid_of("flights"), version, "manifest.json", columns, policy, "view", FAR)
    table = Table.of(version, 3, shown)
    return GrantedVersion("grant", grant, pb.Version(version_id=version, number=1, rows=3), table, FAR, renew_at)


def claims(subject: str = ANN, client: str = "api", session: str = "s1", version: int = 1) -> AccessClaims:
    """Who is signed in."""
    return AccessClaims(subject, session, "t1", client, version, FAR, {})


def messages(effects: Effects) -> list[pb.ServerMessage]:
    """The control messages among effects."""
    return [effect.message for effect in effects if isinstance(effect, Send)]


def errors(effects: Effects) -> list[str]:
    """The codes of the error messages among effects."""
    return [message.error.code for message in messages(effects) if message.HasField("error")]


def notices(effects: Effects) -> list[pb.Notice]:
    """The notices among effects."""
    return [message.notice for message in messages(effects) if message.HasField("notice")]


def frames(effects: Effects) -> list[pb.RelayFrame]:
    """The frames among effects, as a client reads them."""
    return [relayed(effect.frame) for effect in effects if isinstance(effect, SendFrame)]


def relayed(frame: FrameMessage) -> pb.RelayFrame:
    """A frame as a client reads it that leaves pieces serialised."""
    return pb.RelayMessage.FromString(ProtoCodec().encode_frame(frame)).frame


def renders(effects: Effects) -> list[RequestFrame]:
    """The frames that effects request."""
    return [effect for effect in effects if isinstance(effect, RequestFrame)]


def picks(effects: Effects) -> list[RequestRows]:
    """The pages of rows that effects request."""
    return [effect for effect in effects if isinstance(effect, RequestRows)]


def pages(effects: Effects) -> list[pb.RowPage]:
    """The pages of rows among effects."""
    return [effect.page for effect in effects if isinstance(effect, SendRows)]


def cancels(effects: Effects) -> list[int]:
    """The requests that effects cancel."""
    return [effect.request_id for effect in effects if isinstance(effect, CancelFrame)]


def fetches(effects: Effects) -> list[FetchGrant]:
    """The grants that effects ask for."""
    return [effect for effect in effects if isinstance(effect, FetchGrant)]


def closes(effects: Effects) -> list[int]:
    """The close codes among effects."""
    return [effect.code for effect in effects if isinstance(effect, CloseSocket)]


def pieces_of(render: RequestFrame) -> list[SerialisedPiece]:
    """What compute would answer; the serialised piece is its own id, so that a frame shows what it carries."""
    ids = render.resolved.piece_ids
    return [(ids[place], ids[place]) for place in render.missing]


@dataclass
class Screen:
    """What a client knows of one view, and what must hold of every frame it gets."""

    held: set[bytes] = field(default_factory=set)
    got: set[bytes] = field(default_factory=set)
    seq: int = -1
    unshown: int = 0
    answered: set[int] = field(default_factory=set)

    def take(self, frame: pb.RelayFrame, expected: tuple[bytes, ...]) -> None:
        """Checks a frame against the ids its viewport needs."""
        assert frame.seq >= self.seq, "frames of a view never go back"
        assert frame.seq not in self.answered, "one exact frame a seq, and it is the last"
        if frame.seq != self.seq:
            self.seq, self.got = frame.seq, set()
        assert set(frame.reuse) <= self.held, "only what the client holds is reused"
        assert not set(frame.pieces) & self.held, "nothing is sent twice"
        self.held |= set(frame.pieces)
        self.got |= set(frame.pieces) | set(frame.reuse)
        if frame.status == FRAME_STATUS_EXACT:
            assert self.got >= set(expected), "an exact frame is whole"
            assert frame.HasField("receipt")
            self.answered.add(frame.seq)
            self.unshown += 1
            assert self.unshown <= 2, "no more than two frames are unshown"


def receipt(degraded: str = "") -> Receipt:
    """Any receipt."""
    return Receipt(backend="rig", degraded=degraded)
