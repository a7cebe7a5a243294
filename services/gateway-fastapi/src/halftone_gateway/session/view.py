"""One view of a socket, as a pure state machine: joins its access, its pacing and its delivery."""

from collections.abc import Callable, Iterable, Sequence

from halftone.v1.frame_pb2 import Receipt
from halftone.v1.session_pb2 import Open, PickRows, ServerMessage, Set
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views import PlannedView, Resolved, columns_of

from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.delivery.frame_message import FrameMessage
from halftone_gateway.limits import SocketLimits
from halftone_gateway.pieces.frame_request import SerialisedPiece
from halftone_gateway.pieces.picking import rows_request
from halftone_gateway.pieces.planning import plan_view
from halftone_gateway.session.access import Access, AccessState
from halftone_gateway.session.degraded import Degraded
from halftone_gateway.session.delivery import Delivery
from halftone_gateway.session.effects import (
    CancelFrame,
    CancelRows,
    Effects,
    FetchGrant,
    RequestFrame,
    RequestRows,
    Send,
    SendFrame,
)
from halftone_gateway.session.held import HeldPieces, checked_ids
from halftone_gateway.session.pacing import Pacing
from halftone_gateway.session.parameters import Parameters


class OpenView:
    """`epoch` distinguishes views that had the same id. A method that raises HalftoneError changes nothing visible."""

    def __init__(self, message: Open, epoch: int, limits: SocketLimits, next_request: Callable[[], int]) -> None:
        self.view_id = message.view_id
        self.epoch = epoch
        self._opened_seq = self._last_seq = message.seq
        self._next_request = next_request
        self._approximate = message.approximate
        self._parameters = Parameters.of(message)
        # Of the newest parameters; None before the first grant. Moves keep the plan.
        self._planned: PlannedView | None = None
        self._resolved: Resolved | None = None
        self._held = HeldPieces(limits.held_pieces)
        self._held.hold(checked_ids(message.held, "held"))
        self._access = Access(message.dataset, message.version_id)
        self._pacing = Pacing()
        self._delivery = Delivery(message.view_id, limits.unshown_frames, self._held)
        self._degraded = Degraded()
        # Of the page of rows that is waited for; 0: none.
        self._pick_id = 0

    @property
    def last_seq(self) -> int:
        """The greatest seq that the client has used."""
        return self._last_seq

    @property
    def version_id(self) -> str:
        return self._access.version_id

    @property
    def is_opening(self) -> bool:
        """Whether the first grant is still to come."""
        return self._access.state is AccessState.WANTED

    def shows(self, dataset_id: str) -> bool:
        """Whether the view shows this dataset; an empty id stands for any."""
        return self._access.covers(dataset_id)

    # Access

    def fetch(self) -> Effects:
        """Asks for the first grant."""
        return [self._fetch_grant(fresh=False)]

    def renew(self) -> Effects:
        """Asks for a fresh grant, unless that is under way."""
        return [self._fetch_grant(fresh=True)] if self._access.renew() else []

    def granted(self, granted: GrantedVersion) -> Effects:
        """A grant has come, the first or a renewed one. Raises HalftoneError when the view cannot be shown with it."""
        if self._planned is not None:
            self._access.accept(granted, columns_of(self._planned.plan))
            return self.resume()
        planned = plan_view(self._parameters.view, granted)
        resolved = planned.at(self._parameters.viewport, granted.grant.policy_hash)
        opened = self._parameters.opened(self.view_id, self._opened_seq, granted, planned)
        self._access.accept(granted, ())
        self._planned, self._resolved = planned, resolved
        return [Send(ServerMessage(opened=opened)), *self.render()]

    def denied(self, code: ErrorCode, now: float) -> bool:
        """A grant could not be fetched. True when the view is over; else the old grant counts until the next try."""
        return self._access.deny(code, now)

    # Pacing

    def next_deadline(self) -> float:
        """When `tick` has something to do; infinity when it has not."""
        return min(self._pacing.due_at, self._access.renew_at)

    def is_due(self, now: float) -> bool:
        """Whether the newest state is to be rendered now."""
        return now >= self._pacing.due_at

    def renew_due(self, now: float) -> Effects:
        """Asks for a fresh grant if it is time to."""
        return self.renew() if now >= self._access.renew_at else []

    def set(self, message: Set, not_before: float) -> None:
        """Takes a change over, to be rendered when it is due. A refused change uses up its seq and changes nothing."""
        if message.seq <= self._last_seq:
            raise HalftoneError(ErrorCode.BAD_SEQ, f"The last seq was {self._last_seq}.", field="seq")
        self._last_seq = message.seq
        parameters = self._parameters.changed(message)
        if self._access.granted is not None:
            self._plan(parameters, self._access.granted)
        self._parameters = parameters
        self._pacing.change(not_before)

    def render_due(self, now: float) -> Effects:
        """Requests the newest state if it is due."""
        return self.render() if self._pacing.came_due(now) else []

    def render(self) -> Effects:
        """Requests the newest state; the request before it is cancelled."""
        if self._access.granted is not None and self._resolved is not None:
            return self._request(self._access.granted, self._resolved)
        self._pacing.dismiss()
        return []

    def _request(self, granted: GrantedVersion, resolved: Resolved) -> Effects:
        seq, old, new = self._parameters.seq, self._delivery.abandon(), self._next_request()
        missing = self._delivery.begin(new, seq, resolved)
        self._pacing.start()
        # The new request comes first: fetches that both need then never lose their last waiter.
        requested: Effects = [RequestFrame(self.view_id, seq, new, granted, resolved, missing, self._approximate)]
        return requested if old is None else [*requested, CancelFrame(old)]

    def resume(self) -> Effects:
        """Requests again what stalled while a service was away."""
        return self.render() if self._pacing.is_stalled else []

    def failed(self, request_id: int, *, stalled: bool) -> int | None:
        """A request came to nothing: the seq it was for, None when its answers no longer count."""
        seq = self._delivery.fail(request_id)
        if seq is None:
            return None
        if stalled:
            self._pacing.stall()
        else:
            self._pacing.end()
        return seq

    def cancel(self, seq: int) -> Effects:
        """Cancels a frame. Empty when there is nothing to cancel: it may just have been sent."""
        self._check_used(seq)
        self._delivery.discard(seq)
        if self._parameters.seq == seq:
            self._pacing.dismiss()
        return self._stop(seq)

    def end(self) -> Effects:
        """Cancels whatever is requested."""
        return [*self._stop(), *([CancelRows(self.view_id)] if self._pick_id else [])]

    # Rows

    def pick(self, message: PickRows) -> Effects:
        """Asks for rows behind the picture, by its axes as they are now."""
        granted, planned = self._access.granted, self._planned
        if granted is None or planned is None:
            raise HalftoneError(ErrorCode.NOT_FOUND, "The view is not open yet.", field="viewId")
        request = rows_request(message, planned.plan, granted)
        self._pick_id = message.pick_id
        return [RequestRows(message, granted, request)]

    def picked(self, pick_id: int) -> bool:
        """The answer to a pick has come. False when it no longer counts."""
        counts = self._pick_id == pick_id
        if counts:
            self._pick_id = 0
        return counts

    # Delivery

    def arrived(self, request_id: int, pieces: Sequence[SerialisedPiece], room: bool) -> Effects:
        """Pieces of a request; more follow."""
        partial = self._delivery.add(request_id, pieces, room)
        return [SendFrame(partial)] if partial else []

    def sampled(self, request_id: int, pieces: Sequence[SerialisedPiece], fraction: float, room: bool) -> Effects:
        """Pieces of a sample, in place of those of a request until these come."""
        return [SendFrame(frame) for frame in self._delivery.sample(request_id, pieces, fraction, room)]

    def progressed(self, request_id: int, share: float, room: bool) -> Effects:
        """That share of the work for a request is done."""
        return [SendFrame(frame) for frame in self._delivery.progress(request_id, share, room)]

    def finished(self, request_id: int, pieces: Sequence[SerialisedPiece], receipt: Receipt, room: bool) -> Effects:
        """The last pieces of a request."""
        if not self._delivery.complete(request_id, pieces, receipt):
            return []
        self._pacing.end()
        return self.ship(room)

    def ship(self, room: bool) -> Effects:
        """Sends the frame that waits, when there is a credit and room for it."""
        frames = self._delivery.ship(room)
        if frames is None:
            return []
        if not frames:
            return [] if self._pacing.is_rendering else self.render()
        return [*map(SendFrame, frames), *self._notice(frames[-1])]

    def shown(self, seq: int, room: bool) -> Effects:
        """Gives back the credits of this seq and of those before it."""
        self._check_used(seq)
        self._delivery.shown(seq)
        return self.ship(room)

    def drop(self, piece_ids: Iterable[bytes]) -> None:
        """The client has evicted pieces."""
        self._held.drop(checked_ids(piece_ids, "pieceIds"))

    def _plan(self, parameters: Parameters, granted: GrantedVersion) -> None:
        planned = self._planned
        if planned is None or parameters.view is not self._parameters.view:
            planned = plan_view(parameters.view, granted)
        self._resolved = planned.at(parameters.viewport, granted.grant.policy_hash)
        self._planned = planned

    def _fetch_grant(self, *, fresh: bool) -> FetchGrant:
        return FetchGrant(self.view_id, self.epoch, self._access.dataset, self._access.version_id, fresh)

    def _check_used(self, seq: int) -> None:
        if seq > self._last_seq:
            raise HalftoneError(ErrorCode.BAD_SEQ, f"The last seq was {self._last_seq}.", field="seq")

    def _stop(self, seq: int | None = None) -> Effects:
        """Cancels the requested frame, if it answers this seq."""
        request_id = self._delivery.abandon(seq)
        if request_id is None:
            return []
        self._pacing.end()
        return [CancelFrame(request_id)]

    def _notice(self, exact: FrameMessage) -> Effects:
        notice = self._degraded.notice(self.view_id, exact.header.receipt)
        return [Send(ServerMessage(notice=notice))] if notice else []
