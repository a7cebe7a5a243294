"""One view of a socket, as a pure state machine: what it shows, what is being made for it, what its client holds."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from halftone.v1.frame_pb2 import FRAME_STATUS_EXACT, FRAME_STATUS_PARTIAL, FrameStatus, Receipt, Viewport
from halftone.v1.session_pb2 import Lattice, Open, Opened, RelayFrame, ServerMessage, Set
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views import TILE, View, merge_patch, validate_options

from halftone_gateway.access.granted import Access
from halftone_gateway.limits import FRAME_BYTES, Limits
from halftone_gateway.pieces.planning import Planned, columns_of, extent_of, filled_options, options_of, plan_view
from halftone_gateway.pieces.wanted import Encoded
from halftone_gateway.session.degraded import Degraded
from halftone_gateway.session.effects import CancelRender, Effects, Render, Send, SendFrame

PIECE_ID_BYTES: Final = 16


@dataclass(slots=True)
class Answer:
    """A frame in the making, complete once it has a receipt. `reuse` and `pieces` are what is still to be sent."""

    run: int
    seq: int
    planned: Planned
    reuse: list[bytes]
    pieces: list[Encoded] = field(default_factory=list)
    receipt: Receipt | None = None


class ViewState:
    """`epoch` tells two views apart that had the same id. Methods raise HalftoneError and change nothing then."""

    def __init__(self, message: Open, epoch: int, limits: Limits, next_run: Callable[[], int]) -> None:
        self.view_id = message.view_id
        self.epoch = epoch
        self.dataset = message.dataset
        self.version_id = message.version_id
        self.last_seq = message.seq
        # When the newest state may be rendered; infinity when that has been done.
        self.due_at = float("inf")
        self.rendered_at = float("-inf")
        self.stalled = False
        self.fetching = True
        self.renew_at = float("inf")
        self.access: Access | None = None
        self._opened_seq = message.seq
        self._seq = message.seq
        self._kind = message.kind
        self._options = options_of(message.options)
        self._view: View = validate_options(self._kind, self._options)
        self._viewport: Viewport = message.viewport
        self._planned: Planned | None = None
        self._limits = limits
        self._next_run = next_run
        self._held: OrderedDict[bytes, None] = OrderedDict()
        self._unshown: list[int] = []
        self._running: Answer | None = None
        self._parked: Answer | None = None
        self._degraded = Degraded()
        self._hold(_checked_ids(message.held, "held"))

    def granted(self, access: Access) -> Effects:
        """The right to see the data, for the first time or renewed. Raises when the view cannot be shown with it."""
        if self.access is not None:
            self._check_renewal(self.access, access)
            self._accept(access)
            return self.resume()
        self._planned = plan_view(self._view, access, self._viewport)
        opened = Opened(
            view_id=self.view_id,
            version=access.version,
            extent=extent_of(self._view, access),
            columns=[column.to_proto() for column in access.table.columns.values()],
            lattice=Lattice(tile_cells=TILE),
            options=filled_options(self._view, access),
            seq=self._opened_seq,
        )
        self._accept(access)
        return [Send(ServerMessage(opened=opened)), *self.render()]

    def _accept(self, access: Access) -> None:
        self.access = access
        self.version_id = access.version.version_id
        self.renew_at = access.renew_at
        self.fetching = False

    def _check_renewal(self, old: Access, new: Access) -> None:
        same = old.version.version_id == new.version.version_id and old.grant.policy_hash == new.grant.policy_hash
        columns = columns_of(self._planned.plan) if self._planned else []
        if not same or not all(new.grant.allows(name) and name in new.table.columns for name in columns):
            raise HalftoneError(ErrorCode.FORBIDDEN)

    def set(self, message: Set) -> None:
        """Takes a change over; `render` answers it. A refused change uses up its seq and leaves the view as it was."""
        if message.seq <= self.last_seq:
            raise HalftoneError(ErrorCode.BAD_SEQ, f"The last seq was {self.last_seq}.", field="seq")
        self.last_seq = message.seq
        options, view, viewport = self._options, self._view, self._viewport
        if message.HasField("options"):
            options = merge_patch(options, options_of(message.options))
            view = validate_options(self._kind, options)
        if message.HasField("viewport"):
            viewport = message.viewport
        if self.access is not None:
            self._planned = plan_view(view, self.access, viewport)
        self._options, self._view, self._viewport, self._seq = options, view, viewport, message.seq

    def render(self) -> Effects:
        """Asks for the newest state; what was being made before is no longer wanted."""
        self.due_at, self.stalled = float("inf"), False
        if self.access is None or self._planned is None:
            return []
        planned, old = self._planned, self._running
        reuse = [piece_id for piece_id in planned.piece_ids if piece_id in self._held]
        missing = tuple(place for place, piece_id in enumerate(planned.piece_ids) if piece_id not in self._held)
        self._running = Answer(self._next_run(), self._seq, planned, reuse)
        # The new request comes first: work that both want then never loses its last waiter.
        wanted: Effects = [Render(self.view_id, self._seq, self._running.run, self.access, planned, missing)]
        return [*wanted, CancelRender(old.run)] if old else wanted

    def resume(self) -> Effects:
        """Renders again what could not be made when it was asked for."""
        return self.render() if self.stalled else []

    def arrived(self, run: int, pieces: Sequence[Encoded], room: bool) -> Effects:
        """Pieces of a run; more follow."""
        answer = self._current(run)
        if answer is None:
            return []
        answer.pieces += pieces
        if self._parked or not self._has_credit() or not room or self._is_stale(answer):
            return []
        sent, answer.pieces = answer.pieces, []
        return [self._send(answer, sent, FRAME_STATUS_PARTIAL)]

    def finished(self, run: int, pieces: Sequence[Encoded], receipt: Receipt, room: bool) -> Effects:
        """The last pieces of a run."""
        answer = self._current(run)
        if answer is None:
            return []
        answer.pieces += pieces
        answer.receipt = receipt
        self._running, self._parked = None, answer
        return self.ship(room)

    def failed(self, run: int, *, stalled: bool) -> int | None:
        """A run that came to nothing: the seq it was for, or None when nobody waits for it."""
        answer = self._current(run)
        if answer is None:
            return None
        self._running = None
        self.stalled = stalled
        return answer.seq

    def ship(self, room: bool) -> Effects:
        """Sends the finished frame that waits, when there is a credit and room for it."""
        answer = self._parked
        if answer is None or not self._has_credit() or not room:
            return []
        self._parked = None
        if self._is_stale(answer):
            return [] if self._running else self.render()
        *parts, last = _parts(answer.pieces)
        self._unshown.append(answer.seq)
        partial: Effects = [self._send(answer, part, FRAME_STATUS_PARTIAL) for part in parts]
        exact = self._send(answer, last, FRAME_STATUS_EXACT)
        notice = self._degraded.notice(self.view_id, exact.frame.receipt)
        return [*partial, exact, *([Send(ServerMessage(notice=notice))] if notice else [])]

    def shown(self, seq: int, room: bool) -> Effects:
        """Gives back the credits of this seq and of those before it."""
        if seq > self.last_seq:
            raise HalftoneError(ErrorCode.BAD_SEQ, f"The last seq was {self.last_seq}.", field="seq")
        self._unshown = [unshown for unshown in self._unshown if unshown > seq]
        return self.ship(room)

    def drop(self, piece_ids: Iterable[bytes]) -> None:
        """Forgets pieces that the client has evicted."""
        for piece_id in _checked_ids(piece_ids, "pieceIds"):
            self._held.pop(piece_id, None)

    def cancel(self, seq: int) -> Effects:
        """Stops the making of a frame. Empty when there is nothing to stop: it may just have been sent."""
        if seq > self.last_seq:
            raise HalftoneError(ErrorCode.BAD_SEQ, f"The last seq was {self.last_seq}.", field="seq")
        if self._parked and self._parked.seq == seq:
            self._parked = None
        if self._seq == seq:
            self.due_at, self.stalled = float("inf"), False
        if self._running is None or self._running.seq != seq:
            return []
        return self.end()

    def end(self) -> Effects:
        """Stops whatever is being made."""
        running, self._running = self._running, None
        return [CancelRender(running.run)] if running else []

    def _current(self, run: int) -> Answer | None:
        return self._running if self._running and self._running.run == run else None

    def _has_credit(self) -> bool:
        return len(self._unshown) < self._limits.unshown_frames

    def _is_stale(self, answer: Answer) -> bool:
        # The client dropped a piece before it was told that this frame uses it.
        return any(piece_id not in self._held for piece_id in answer.reuse)

    def _send(self, answer: Answer, pieces: Sequence[Encoded], status: FrameStatus.ValueType) -> SendFrame:
        # An older frame may have brought a piece while this one was being made.
        known = [piece_id for piece_id, _ in pieces if piece_id in self._held]
        frame = RelayFrame(
            view_id=self.view_id,
            seq=answer.seq,
            status=status,
            pieces=[piece for piece_id, piece in pieces if piece_id not in self._held],
            reuse=[*answer.reuse, *known],
            receipt=answer.receipt if status == FRAME_STATUS_EXACT else None,
            viewport=answer.planned.viewport.to_proto(),
        )
        self._hold((*answer.reuse, *(piece_id for piece_id, _ in pieces)))
        answer.reuse = []
        return SendFrame(frame)

    def _hold(self, piece_ids: Iterable[bytes]) -> None:
        for piece_id in piece_ids:
            self._held[piece_id] = None
            self._held.move_to_end(piece_id)
        while len(self._held) > self._limits.held_pieces:
            self._held.popitem(last=False)


def _parts(pieces: Sequence[Encoded]) -> list[list[Encoded]]:
    """Cuts pieces into messages of bounded size; there is always one, perhaps without pieces."""
    parts: list[list[Encoded]] = [[]]
    size = 0
    for encoded in pieces:
        if parts[-1] and size + len(encoded[1]) > FRAME_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(encoded)
        size += len(encoded[1])
    return parts


def _checked_ids(piece_ids: Iterable[bytes], name: str) -> list[bytes]:
    checked = list(piece_ids)
    if any(len(piece_id) != PIECE_ID_BYTES for piece_id in checked):
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"A piece id has {PIECE_ID_BYTES} bytes.", field=name)
    return checked
