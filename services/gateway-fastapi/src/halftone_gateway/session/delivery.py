"""What of a requested frame goes to the client of one view, and when: at once, in parts, or from a slot of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from halftone.v1.frame_pb2 import (
    FRAME_STATUS_APPROXIMATE,
    FRAME_STATUS_EXACT,
    FRAME_STATUS_PARTIAL,
    FrameStatus,
    Receipt,
)
from halftone.v1.session_pb2 import Frame
from halftone_views import Resolved

from halftone_gateway.delivery.frame_message import FrameMessage
from halftone_gateway.limits import FRAME_BYTES
from halftone_gateway.pieces.frame_request import SerialisedPiece
from halftone_gateway.session.held import HeldPieces


class DeliveryState(Enum):
    """Which frames of a view are not yet sent.

    | state | event | next |
    |---|---|---|
    | EMPTY | BEGIN | ASSEMBLING |
    | ASSEMBLING | BEGIN | ASSEMBLING |
    | ASSEMBLING | ABANDON | EMPTY |
    | ASSEMBLING | COMPLETE | PARKED |
    | PARKED | BEGIN | PARKED_ASSEMBLING |
    | PARKED | RELEASE | EMPTY |
    | PARKED_ASSEMBLING | BEGIN | PARKED_ASSEMBLING |
    | PARKED_ASSEMBLING | ABANDON | PARKED |
    | PARKED_ASSEMBLING | COMPLETE | PARKED |
    | PARKED_ASSEMBLING | RELEASE | ASSEMBLING |
    """

    EMPTY = auto()
    # Pieces of a requested frame arrive.
    ASSEMBLING = auto()
    # A complete frame waits for a credit and for room on the socket.
    PARKED = auto()
    # The same, and pieces of a newer frame arrive.
    PARKED_ASSEMBLING = auto()


class DeliveryEvent(Enum):
    """What changes the delivery of a view."""

    # A frame is requested; one that was being assembled is given up.
    BEGIN = auto()
    # The frame that is being assembled is given up.
    ABANDON = auto()
    # The last pieces are there: the frame takes the slot, also from an older one.
    COMPLETE = auto()
    # The parked frame is sent or discarded.
    RELEASE = auto()


TRANSITIONS: Final[Mapping[tuple[DeliveryState, DeliveryEvent], DeliveryState]] = {
    (DeliveryState.EMPTY, DeliveryEvent.BEGIN): DeliveryState.ASSEMBLING,
    (DeliveryState.ASSEMBLING, DeliveryEvent.BEGIN): DeliveryState.ASSEMBLING,
    (DeliveryState.ASSEMBLING, DeliveryEvent.ABANDON): DeliveryState.EMPTY,
    (DeliveryState.ASSEMBLING, DeliveryEvent.COMPLETE): DeliveryState.PARKED,
    (DeliveryState.PARKED, DeliveryEvent.BEGIN): DeliveryState.PARKED_ASSEMBLING,
    (DeliveryState.PARKED, DeliveryEvent.RELEASE): DeliveryState.EMPTY,
    (DeliveryState.PARKED_ASSEMBLING, DeliveryEvent.BEGIN): DeliveryState.PARKED_ASSEMBLING,
    (DeliveryState.PARKED_ASSEMBLING, DeliveryEvent.ABANDON): DeliveryState.PARKED,
    (DeliveryState.PARKED_ASSEMBLING, DeliveryEvent.COMPLETE): DeliveryState.PARKED,
    (DeliveryState.PARKED_ASSEMBLING, DeliveryEvent.RELEASE): DeliveryState.ASSEMBLING,
}


@dataclass(slots=True)
class OutgoingFrame:
    """A frame on its way to the client, complete once it has a receipt. `reuse` and `pieces` are still to be sent."""

    request_id: int
    seq: int
    resolved: Resolved
    reuse: list[bytes]
    pieces: list[SerialisedPiece] = field(default_factory=list)
    receipt: Receipt | None = None
    # Share of the rows that what is shown meanwhile is made of; 0: nothing is.
    fraction: float = 0.0


class Delivery:
    """Credits: at most `unshown` exact frames are sent and not yet shown."""

    def __init__(self, view_id: int, unshown: int, held: HeldPieces) -> None:
        self._view_id = view_id
        self._credits = unshown
        self._held = held
        self._state = DeliveryState.EMPTY
        self._unshown: list[int] = []
        self._assembling: OutgoingFrame | None = None
        self._parked: OutgoingFrame | None = None

    @property
    def state(self) -> DeliveryState:
        return self._state

    def begin(self, request_id: int, seq: int, resolved: Resolved) -> tuple[int, ...]:
        """A frame is requested: the places of the pieces that the client does not hold."""
        self._on(DeliveryEvent.BEGIN)
        reuse = [piece_id for piece_id in resolved.piece_ids if piece_id in self._held]
        self._assembling = OutgoingFrame(request_id, seq, resolved, reuse)
        return tuple(place for place, piece_id in enumerate(resolved.piece_ids) if piece_id not in self._held)

    def abandon(self, seq: int | None = None) -> int | None:
        """Gives up the frame that is being assembled, if it answers this seq: its request, None when there is none."""
        frame = self._assembling
        if frame is None or seq not in (None, frame.seq):
            return None
        self._on(DeliveryEvent.ABANDON)
        self._assembling = None
        return frame.request_id

    def fail(self, request_id: int) -> int | None:
        """The request came to nothing: the seq it was for, None when its answers no longer count."""
        frame = self._assembled_by(request_id)
        if frame is None:
            return None
        self.abandon()
        return frame.seq

    def add(self, request_id: int, pieces: Sequence[SerialisedPiece], room: bool) -> FrameMessage | None:
        """Pieces have arrived, more follow: a partial frame, when it need not wait."""
        frame = self._assembled_by(request_id)
        if frame is None:
            return None
        frame.pieces += pieces
        if not self._is_free(frame, room):
            return None
        sent, frame.pieces = frame.pieces, []
        return self._relay(frame, sent, FRAME_STATUS_PARTIAL)

    def sample(
        self, request_id: int, pieces: Sequence[SerialisedPiece], fraction: float, room: bool
    ) -> list[FrameMessage]:
        """Pieces of a sample: approximate frames. None of them where they would have to wait: better ones follow."""
        frame = self._assembled_by(request_id)
        if frame is None or not self._is_free(frame, room):
            return []
        frame.fraction = fraction
        return [FrameMessage(self._approximate(frame, 0.0), part) for part in _parts(pieces)]

    def progress(self, request_id: int, share: float, room: bool) -> list[FrameMessage]:
        """Work on a frame is done to this share: an approximate frame without pieces, unless it would have to wait."""
        frame = self._assembled_by(request_id)
        if frame is None or not self._is_free(frame, room):
            return []
        return [FrameMessage(self._approximate(frame, share))]

    def complete(self, request_id: int, pieces: Sequence[SerialisedPiece], receipt: Receipt) -> bool:
        """The last pieces have arrived: the frame is parked. False when its answers no longer count."""
        frame = self._assembled_by(request_id)
        if frame is None:
            return False
        self._on(DeliveryEvent.COMPLETE)
        frame.pieces += pieces
        frame.receipt = receipt
        self._assembling, self._parked = None, frame
        return True

    def ship(self, room: bool) -> list[FrameMessage] | None:
        """The parked frame: partial messages and one exact. None while it has to wait, or when none is parked.

        Empty when the client has dropped a piece that the frame reuses: the frame is given up then.
        """
        frame = self._parked
        if frame is None or not self._has_credit() or not room:
            return None
        self._release()
        if self._lacks_pieces(frame):
            return []
        *parts, last = _parts(frame.pieces)
        self._unshown.append(frame.seq)
        partial = [self._relay(frame, part, FRAME_STATUS_PARTIAL) for part in parts]
        return [*partial, self._relay(frame, last, FRAME_STATUS_EXACT)]

    def discard(self, seq: int) -> None:
        """Gives up the parked frame, if it answers this seq."""
        if self._parked and self._parked.seq == seq:
            self._release()

    def shown(self, seq: int) -> None:
        """Gives back the credits of this seq and of those before it."""
        self._unshown = [unshown for unshown in self._unshown if unshown > seq]

    def _assembled_by(self, request_id: int) -> OutgoingFrame | None:
        """The frame that this request is for; None when its answers no longer count."""
        frame = self._assembling
        return frame if frame and frame.request_id == request_id else None

    def _release(self) -> None:
        self._on(DeliveryEvent.RELEASE)
        self._parked = None

    def _has_credit(self) -> bool:
        return len(self._unshown) < self._credits

    def _is_free(self, frame: OutgoingFrame, room: bool) -> bool:
        """Whether parts of the frame that is being assembled may go out."""
        return not self._parked and self._has_credit() and room and not self._lacks_pieces(frame)

    def _approximate(self, frame: OutgoingFrame, share: float) -> Frame:
        """The header of an approximate frame. The exact one names again what it reuses, and it adds nothing held."""
        header = self._header(frame, FRAME_STATUS_APPROXIMATE)
        header.reuse.extend(frame.reuse)
        header.progress = share
        header.receipt.fraction = frame.fraction
        header.receipt.pieces_total = len(frame.resolved.piece_ids)
        return header

    def _lacks_pieces(self, frame: OutgoingFrame) -> bool:
        """Whether the client dropped a piece before it could know that this frame reuses it."""
        return any(piece_id not in self._held for piece_id in frame.reuse)

    def _relay(
        self, frame: OutgoingFrame, pieces: Sequence[SerialisedPiece], status: FrameStatus.ValueType
    ) -> FrameMessage:
        # An older frame may have brought a piece while this one was being assembled.
        known = [piece_id for piece_id, _ in pieces if piece_id in self._held]
        fresh = [serialised for serialised in pieces if serialised[0] not in self._held]
        header = self._header(frame, status)
        header.reuse.extend((*frame.reuse, *known))
        if status == FRAME_STATUS_EXACT and frame.receipt is not None:
            header.receipt.CopyFrom(frame.receipt)
        self._held.hold((*frame.reuse, *(piece_id for piece_id, _ in pieces)))
        frame.reuse = []
        return FrameMessage(header, fresh)

    def _header(self, frame: OutgoingFrame, status: FrameStatus.ValueType) -> Frame:
        """What every message of a frame says."""
        resolved = frame.resolved
        return Frame(
            view_id=self._view_id,
            seq=frame.seq,
            status=status,
            viewport=resolved.viewport.to_proto(),
            quantity=resolved.quantity,
            x=resolved.x,
            y=resolved.y,
        )

    def _on(self, event: DeliveryEvent) -> None:
        self._state = TRANSITIONS[self._state, event]


def _parts(pieces: Iterable[SerialisedPiece]) -> list[list[SerialisedPiece]]:
    """Cuts pieces into messages of bounded size; there is at least one, perhaps without pieces."""
    parts: list[list[SerialisedPiece]] = [[]]
    size = 0
    for serialised in pieces:
        if parts[-1] and size + len(serialised[1]) > FRAME_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(serialised)
        size += len(serialised[1])
    return parts
