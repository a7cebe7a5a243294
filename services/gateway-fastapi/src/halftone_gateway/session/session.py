"""One socket as a pure state machine: messages, answers and the clock in; effects out. It awaits nothing."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Final

from halftone.v1.frame_pb2 import Receipt
from halftone.v1.session_pb2 import (
    NOTICE_CODE_DRAINING,
    NOTICE_CODE_REAUTH_SOON,
    NOTICE_CODE_VERSION_AVAILABLE,
    Cancel,
    Close,
    Closed,
    Drop,
    Error,
    Notice,
    Open,
    PickRows,
    Pong,
    RowPage,
    ServerMessage,
    Set,
    Shown,
    Version,
    Welcome,
)
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import AccessClaims
from halftone_views import kind_names, kinds_hash

from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.limits import BAD_MESSAGES, BAD_MESSAGES_S, SocketLimits
from halftone_gateway.pieces.frame_request import SerialisedPiece
from halftone_gateway.session.access import CLOSED_AS
from halftone_gateway.session.effects import CloseSocket, Effects, Send, SendRows
from halftone_gateway.session.rate import MessageRate
from halftone_gateway.session.sign_in import SignIn
from halftone_gateway.session.view import OpenView

# Not counted against the rate: each costs a look-up, and a client that may not send them gets no more frames.
_FREE: Final = ("shown", "drop")
# What compute says when it does not accept a grant.
_GRANT_REFUSED: Final = (ErrorCode.TOKEN_INVALID, ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_NOT_YET_VALID)


class Session:
    """Every time is in seconds on one monotonic clock."""

    def __init__(self, session_id: str, limits: SocketLimits, now: float, *, has_origin: bool) -> None:
        self.session_id = session_id
        # Whether the client reads packed planes; as its first `auth` says.
        self.reads_packed = False
        self._closed = False
        self._room = True
        self._views: dict[int, OpenView] = {}
        self._limits = limits
        self._numbers: Iterator[int] = count(1)
        self._sign_in = SignIn(limits, now, has_origin=has_origin)
        self._rate = MessageRate(limits, now)
        self._bad: deque[float] = deque(maxlen=BAD_MESSAGES)

    @property
    def claims(self) -> AccessClaims | None:
        """Who has signed in; None before `auth`."""
        return self._sign_in.claims

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def views(self) -> AbstractSet[int]:
        """Ids of the open views."""
        return self._views.keys()

    # Messages

    def admit(self, kind: str, now: float) -> Effects | None:
        """None when a message of this kind may be handled, else the answer to it. `set` counts in `set` itself."""
        if self._closed:
            return []
        if self.claims is None and kind != "auth":
            return self.end(HalftoneError(ErrorCode.AUTH_REQUIRED))
        if kind in _FREE or kind == "set" or self._rate.take(now):
            return None
        return self._over_rate(now) or self.refuse(self._rate.refusal(now))

    def bad(self, error: HalftoneError, now: float) -> Effects:
        """A message that could not be read. Ten in ten seconds close the socket."""
        if self._closed:
            return []
        self._bad.append(now)
        answer = self.refuse(error)
        if len(self._bad) == BAD_MESSAGES and now - self._bad[0] <= BAD_MESSAGES_S:
            return [*answer, *self._close(4400, "too many messages that cannot be read")]
        return answer

    def authenticated(self, claims: AccessClaims, expires_at: float) -> Effects:
        """A verified token: the first one, or a fresh one of the same person."""
        if self._closed:
            return []
        try:
            self._sign_in.accept(claims, expires_at)
        except HalftoneError as error:
            return self.end(error)
        return []

    def welcome(self, now: float) -> Effects:
        """Greets; also the answer to a renewed token."""
        welcome = Welcome(
            session_id=self.session_id,
            limits=self._limits.message(),
            kinds=kind_names(),
            kinds_hash=kinds_hash(),
            expires_in=self._sign_in.expires_in(now),
        )
        return [Send(ServerMessage(welcome=welcome))]

    def open(self, message: Open) -> Effects:
        old = self._views.get(message.view_id)
        if old is None and len(self._views) >= self._limits.views:
            return self.refuse(HalftoneError(ErrorCode.VIEW_LIMIT), message.view_id, message.seq)
        try:
            view = OpenView(message, next(self._numbers), self._limits, self._next_number)
        except HalftoneError as error:
            return self.refuse(error, message.view_id, message.seq)
        self._views[message.view_id] = view
        return [*(old.end() if old else []), *view.fetch()]

    def set(self, message: Set, now: float) -> Effects:
        allowed = self._rate.take(now)
        if not allowed and (flood := self._over_rate(now)):
            return flood
        try:
            view = self._view(message.view_id)
            view.set(message, now if allowed else max(now, self._rate.next_at()))
        except HalftoneError as error:
            return self.refuse(error, message.view_id, message.seq)
        return view.render_due(now)

    def shown(self, message: Shown) -> Effects:
        try:
            return self._view(message.view_id).shown(message.seq, self._room)
        except HalftoneError as error:
            return self.refuse(error, message.view_id, message.seq)

    def drop(self, message: Drop) -> Effects:
        try:
            self._view(message.view_id).drop(message.piece_ids)
        except HalftoneError as error:
            return self.refuse(error, message.view_id)
        return []

    def cancel(self, message: Cancel) -> Effects:
        try:
            stopped = self._view(message.view_id).cancel(message.seq)
        except HalftoneError as error:
            return self.refuse(error, message.view_id, message.seq)
        cancelled = HalftoneError(ErrorCode.CANCELLED)
        return [*stopped, *self.refuse(cancelled, message.view_id, message.seq)] if stopped else []

    def pick(self, message: PickRows) -> Effects:
        try:
            return self._view(message.view_id).pick(message)
        except HalftoneError as error:
            return self.refuse(error, message.view_id, pick_id=message.pick_id)

    def close(self, message: Close) -> Effects:
        try:
            view = self._view(message.view_id)
        except HalftoneError as error:
            return self.refuse(error, message.view_id)
        return self._close_view(view, "")

    def ping(self) -> Effects:
        return [Send(ServerMessage(pong=Pong()))]

    # Answers to effects

    def granted(self, view_id: int, epoch: int, granted: GrantedVersion) -> Effects:
        """The answer to FetchGrant."""
        view = self._of_epoch(view_id, epoch)
        if view is None:
            return []
        opening = view.is_opening
        try:
            return view.granted(granted)
        except HalftoneError as error:
            return self._refuse_view(view, error) if opening else self._close_view(view, error.code)

    def denied(self, view_id: int, epoch: int, error: HalftoneError, now: float) -> Effects:
        """The other answer to FetchGrant. A view that is shown stays open unless the right to its data is gone."""
        view = self._of_epoch(view_id, epoch)
        if view is None:
            return []
        opening = view.is_opening
        if not view.denied(error.code, now):
            return []
        return self._refuse_view(view, error) if opening else self._close_view(view, CLOSED_AS[error.code])

    def arrived(self, view_id: int, request_id: int, pieces: Sequence[SerialisedPiece]) -> Effects:
        """Some pieces of a requested frame; more follow."""
        view = self._views.get(view_id)
        return view.arrived(request_id, pieces, self._room) if view else []

    def sampled(self, view_id: int, request_id: int, pieces: Sequence[SerialisedPiece], fraction: float) -> Effects:
        """Pieces of a sample, to be shown until those of a requested frame come."""
        view = self._views.get(view_id)
        return view.sampled(request_id, pieces, fraction, self._room) if view else []

    def progressed(self, view_id: int, request_id: int, share: float) -> Effects:
        """That share of the work for a requested frame is done."""
        view = self._views.get(view_id)
        return view.progressed(request_id, share, self._room) if view else []

    def finished(self, view_id: int, request_id: int, pieces: Sequence[SerialisedPiece], receipt: Receipt) -> Effects:
        """The last pieces of a requested frame."""
        view = self._views.get(view_id)
        return view.finished(request_id, pieces, receipt, self._room) if view else []

    def failed(self, view_id: int, request_id: int, error: HalftoneError) -> Effects:
        """A requested frame failed. When a service was only away it is requested again once that is back."""
        view = self._views.get(view_id)
        if view is None:
            return []
        refused = error.code in _GRANT_REFUSED
        seq = view.failed(request_id, stalled=refused or error.code == ErrorCode.COMPUTE_UNAVAILABLE)
        if seq is None:
            return []
        if not refused:
            return self.refuse(error, view_id, seq)
        return [*self.refuse(HalftoneError(ErrorCode.AUTH_UNAVAILABLE), view_id, seq), *view.renew()]

    def picked(self, page: RowPage) -> Effects:
        """A page of rows."""
        view = self._views.get(page.view_id)
        return [SendRows(page)] if view and view.picked(page.pick_id) else []

    def pick_failed(self, view_id: int, pick_id: int, error: HalftoneError) -> Effects:
        """A page of rows could not be had."""
        view = self._views.get(view_id)
        if view is None or not view.picked(pick_id):
            return []
        if error.code not in _GRANT_REFUSED:
            return self.refuse(error, view_id, pick_id=pick_id)
        refused = HalftoneError(ErrorCode.AUTH_UNAVAILABLE)
        return [*self.refuse(refused, view_id, pick_id=pick_id), *view.renew()]

    # Events

    def compute_back(self) -> Effects:
        """A compute service can be reached again."""
        return [effect for view in self._views.values() for effect in view.resume()]

    def set_room(self, room: bool) -> None:
        """Whether the queue of the socket takes another frame."""
        self._room = room

    def drained(self) -> Effects:
        """The queue of the socket has become shorter: frames that waited for room go out."""
        return [effect for view in self._views.values() for effect in view.ship(self._room)]

    def revoked(self) -> Effects:
        """The person, or the sign-in, may no longer be here."""
        return self.end(HalftoneError(ErrorCode.FORBIDDEN, "The sign-in was revoked."))

    def permission_changed(self, dataset_id: str) -> Effects:
        """Rights may have changed; an empty id stands for any dataset."""
        return [effect for view in self._showing(dataset_id) for effect in view.renew()]

    def dataset_deleted(self, dataset_id: str) -> Effects:
        gone = [view for view in self._showing(dataset_id) if dataset_id]
        return [effect for view in gone for effect in self._close_view(view, ErrorCode.VERSION_GONE)]

    def version_published(self, dataset_id: str, version: Version) -> Effects:
        return [
            self._notice(Notice(code=NOTICE_CODE_VERSION_AVAILABLE, view_id=view.view_id, version=version))
            for view in self._showing(dataset_id)
            if dataset_id and view.version_id != version.version_id
        ]

    def draining(self, reconnect_after_ms: int) -> Effects:
        """The process is about to stop."""
        notice = Notice(code=NOTICE_CODE_DRAINING, reconnect_after_ms=reconnect_after_ms)
        return [] if self._closed else [self._notice(notice)]

    def end(self, error: HalftoneError) -> Effects:
        """Sends the error, then closes with the close code of that error."""
        if self._closed:
            return []
        return [*self.refuse(error), *self._close(error.row.close or 1011, error.code)]

    def gone(self) -> Effects:
        """The socket is closed: cancels every requested frame."""
        self._closed = True
        stopped = [effect for view in self._views.values() for effect in view.end()]
        self._views.clear()
        return stopped

    # Time

    def next_deadline(self) -> float:
        """When `tick` has something to do; infinity when it has not."""
        if self._closed:
            return math.inf
        return min(self._sign_in.next_deadline(), *(view.next_deadline() for view in self._views.values()), math.inf)

    def tick(self, now: float) -> Effects:
        """Does what is due."""
        if self._closed:
            return []
        if self._sign_in.is_late(now):
            return self._close(4408, "no auth message came in time")
        if self._sign_in.is_over(now):
            return self.end(HalftoneError(ErrorCode.TOKEN_EXPIRED))
        effects: Effects = []
        if self._sign_in.takes_notice(now):
            effects.append(self._notice(Notice(code=NOTICE_CODE_REAUTH_SOON)))
        for view in self._views.values():
            if view.is_due(now):
                self._rate.take(now)
                effects += view.render_due(now)
            effects += view.renew_due(now)
        return effects

    def refuse(self, error: HalftoneError, view_id: int = 0, seq: int = 0, pick_id: int = 0) -> Effects:
        """The error message that answers a message of the client."""
        message = Error(
            code=error.code,
            field=error.field,
            detail=error.detail,
            view_id=view_id,
            seq=seq,
            pick_id=pick_id,
            request_id=f"{self.session_id}-{self._next_number()}",
            retry_after_ms=error.retry_after_ms,
        )
        return [Send(ServerMessage(error=message))]

    def _next_number(self) -> int:
        return next(self._numbers)

    def _view(self, view_id: int) -> OpenView:
        view = self._views.get(view_id)
        if view is None:
            raise HalftoneError(ErrorCode.NOT_FOUND, "There is no such view.", field="viewId")
        return view

    def _of_epoch(self, view_id: int, epoch: int) -> OpenView | None:
        view = self._views.get(view_id)
        return view if view and view.epoch == epoch else None

    def _showing(self, dataset_id: str) -> list[OpenView]:
        return [view for view in self._views.values() if view.shows(dataset_id)]

    def _refuse_view(self, view: OpenView, error: HalftoneError) -> Effects:
        """A view that was never opened."""
        del self._views[view.view_id]
        return self.refuse(error, view.view_id, view.last_seq)

    def _close_view(self, view: OpenView, code: str) -> Effects:
        del self._views[view.view_id]
        closed = ServerMessage(closed=Closed(view_id=view.view_id, code=code))
        return [*view.end(), Send(closed)]

    def _over_rate(self, now: float) -> Effects:
        return self.end(self._rate.refusal(now)) if self._rate.is_flood(now) else []

    def _notice(self, notice: Notice) -> Send:
        return Send(ServerMessage(notice=notice))

    def _close(self, code: int, reason: str) -> Effects:
        return [*self.gone(), CloseSocket(code, reason)]
