"""One connection as a pure state machine: messages, answers and the clock in; effects out. It awaits nothing."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
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
    Pong,
    ServerMessage,
    Set,
    Shown,
    Version,
    Welcome,
)
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import AccessClaims
from halftone_views import kind_names, kinds_hash

from halftone_gateway.access.granted import Access
from halftone_gateway.limits import BAD_MESSAGES, BAD_MESSAGES_S, FLOOD_FACTOR, RENDER_GAP_S, Bucket, Limits
from halftone_gateway.pieces.wanted import Encoded
from halftone_gateway.session.effects import CloseSocket, Effects, FetchGrant, Send
from halftone_gateway.session.view import ViewState

RENEW_RETRY_S: Final = 5.0
# Neither costs more than a look-up, and a client that may not send them could not keep the pace it is given.
_FREE: Final = ("shown", "drop")
_GONE: Final = {
    ErrorCode.UNKNOWN_DATASET: ErrorCode.FORBIDDEN,
    ErrorCode.NOT_FOUND: ErrorCode.FORBIDDEN,
    ErrorCode.FORBIDDEN: ErrorCode.FORBIDDEN,
    ErrorCode.VERSION_GONE: ErrorCode.VERSION_GONE,
}
_GRANT_REFUSED: Final = (ErrorCode.TOKEN_INVALID, ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_NOT_YET_VALID)


class Session:
    """Every time is in seconds on one monotonic clock. `room` is False while the socket has too much left to send."""

    def __init__(self, session_id: str, limits: Limits, now: float, *, has_origin: bool) -> None:
        self.session_id = session_id
        self.claims: AccessClaims | None = None
        self.closed = False
        self.room = True
        self.views: dict[int, ViewState] = {}
        self._limits = limits
        self._has_origin = has_origin
        self._numbers: Iterator[int] = count(1)
        self._auth_by = now + limits.auth_timeout_s
        self._notice_at = math.inf
        self._expires_at = math.inf
        self._bad: deque[float] = deque(maxlen=BAD_MESSAGES)
        self._bucket = Bucket(limits.messages_per_second, limits.message_burst, now)
        flood = FLOOD_FACTOR * limits.messages_per_second, FLOOD_FACTOR * limits.message_burst
        self._flood = Bucket(*flood, now)

    # Messages

    def admit(self, kind: str, now: float) -> Effects | None:
        """None when a message of this kind may be handled, else the answer to it. `set` counts in `set` itself."""
        if self.closed:
            return []
        if self.claims is None and kind != "auth":
            return self.end(HalftoneError(ErrorCode.AUTH_REQUIRED))
        if kind in _FREE or kind == "set" or self._bucket.take(now):
            return None
        return self._over_rate(now) or self.refuse(self._rate_limited(now))

    def bad(self, error: HalftoneError, now: float) -> Effects:
        """A message that could not be read. Ten in ten seconds end the socket."""
        if self.closed:
            return []
        self._bad.append(now)
        answer = self.refuse(error)
        if len(self._bad) == BAD_MESSAGES and now - self._bad[0] <= BAD_MESSAGES_S:
            return [*answer, *self._close(4400, "too many messages that cannot be read")]
        return answer

    def authenticated(self, claims: AccessClaims, expires_at: float) -> Effects:
        """A good token: the first one, or a fresh one of the same person."""
        if self.closed:
            return []
        if not self._has_origin and claims.client != "api":
            return self.end(HalftoneError(ErrorCode.ORIGIN_REFUSED, "A browser's token needs its browser's origin."))
        if self.claims is not None and claims.subject != self.claims.subject:
            return self.end(HalftoneError(ErrorCode.FORBIDDEN, "This socket belongs to another person."))
        self.claims = claims
        self._auth_by = math.inf
        self._notice_at = expires_at - self._limits.reauth_notice_s
        self._expires_at = expires_at
        return []

    def welcome(self, now: float) -> Effects:
        """Greets; also the answer to a renewed token."""
        welcome = Welcome(
            session_id=self.session_id,
            limits=self._limits.message(),
            kinds=kind_names(),
            kinds_hash=kinds_hash(),
            expires_in=max(0, int(self._expires_at - now)),
        )
        return [Send(ServerMessage(welcome=welcome))]

    def open(self, message: Open) -> Effects:
        old = self.views.get(message.view_id)
        if old is None and len(self.views) >= self._limits.views:
            return self.refuse(HalftoneError(ErrorCode.VIEW_LIMIT), message.view_id, message.seq)
        try:
            view = ViewState(message, next(self._numbers), self._limits, self._next_run)
        except HalftoneError as error:
            return self.refuse(error, message.view_id, message.seq)
        self.views[message.view_id] = view
        fetch = FetchGrant(view.view_id, view.epoch, view.dataset, view.version_id)
        return [*(old.end() if old else []), fetch]

    def set(self, message: Set, now: float) -> Effects:
        allowed = self._bucket.take(now)
        if not allowed and (flood := self._over_rate(now)):
            return flood
        try:
            view = self._view(message.view_id)
            view.set(message)
        except HalftoneError as error:
            return self.refuse(error, message.view_id, message.seq)
        start = max(now, view.rendered_at + RENDER_GAP_S, 0 if allowed else self._bucket.next_at())
        view.due_at = min(view.due_at, start)
        return self._render_due(view, now)

    def shown(self, message: Shown) -> Effects:
        try:
            return self._view(message.view_id).shown(message.seq, self.room)
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

    def close(self, message: Close) -> Effects:
        try:
            view = self._view(message.view_id)
        except HalftoneError as error:
            return self.refuse(error, message.view_id)
        return self._close_view(view, "")

    def ping(self) -> Effects:
        return [Send(ServerMessage(pong=Pong()))]

    # Answers

    def granted(self, view_id: int, epoch: int, access: Access) -> Effects:
        """The answer to FetchGrant."""
        view = self._of_epoch(view_id, epoch)
        if view is None:
            return []
        opening = view.access is None
        try:
            return view.granted(access)
        except HalftoneError as error:
            if not opening:
                return self._close_view(view, error.code)
            del self.views[view_id]
            return self.refuse(error, view_id, view.last_seq)

    def denied(self, view_id: int, epoch: int, error: HalftoneError, now: float) -> Effects:
        """The other answer to FetchGrant. A live view lives on unless the right is gone."""
        view = self._of_epoch(view_id, epoch)
        if view is None:
            return []
        view.fetching = False
        if view.access is None:
            del self.views[view_id]
            return self.refuse(error, view_id, view.last_seq)
        if error.code in _GONE:
            return self._close_view(view, _GONE[error.code])
        view.renew_at = now + RENEW_RETRY_S
        return []

    def arrived(self, view_id: int, run: int, pieces: Sequence[Encoded]) -> Effects:
        """Some answer to Render; more follows."""
        view = self.views.get(view_id)
        return view.arrived(run, pieces, self.room) if view else []

    def finished(self, view_id: int, run: int, pieces: Sequence[Encoded], receipt: Receipt) -> Effects:
        """The last answer to Render."""
        view = self.views.get(view_id)
        return view.finished(run, pieces, receipt, self.room) if view else []

    def failed(self, view_id: int, run: int, error: HalftoneError) -> Effects:
        """The other last answer to Render. What was only out of reach is rendered again once it is back."""
        view = self.views.get(view_id)
        if view is None:
            return []
        refused = error.code in _GRANT_REFUSED
        seq = view.failed(run, stalled=refused or error.code == ErrorCode.COMPUTE_UNAVAILABLE)
        if seq is None:
            return []
        if not refused:
            return self.refuse(error, view_id, seq)
        return [*self.refuse(HalftoneError(ErrorCode.AUTH_UNAVAILABLE), view_id, seq), *self._refetch(view)]

    # Events

    def compute_back(self) -> Effects:
        """A compute service can be reached again."""
        return [effect for view in self.views.values() for effect in view.resume()]

    def drained(self) -> Effects:
        """There is room again: frames that wait for it go out."""
        return [effect for view in list(self.views.values()) for effect in view.ship(self.room)]

    def revoked(self) -> Effects:
        """The person, or the sign-in, may no longer be here."""
        return self.end(HalftoneError(ErrorCode.FORBIDDEN, "The sign-in was revoked."))

    def permission_changed(self, dataset_id: str) -> Effects:
        """Rights may have changed; an empty id stands for any dataset."""
        return [effect for view in self._showing(dataset_id) for effect in self._refetch(view)]

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
        return [] if self.closed else [self._notice(notice)]

    def end(self, error: HalftoneError) -> Effects:
        """Says why, then closes with the close code of that error."""
        if self.closed:
            return []
        return [*self.refuse(error), *self._close(error.row.close or 1011, error.code)]

    def gone(self) -> Effects:
        """The socket is no more: stops whatever is being made for it."""
        self.closed = True
        stopped = [effect for view in self.views.values() for effect in view.end()]
        self.views.clear()
        return stopped

    # Time

    def next_deadline(self) -> float:
        """When `tick` has something to do; infinity when it has not."""
        if self.closed:
            return math.inf
        expiry = self._expires_at + self._limits.reauth_grace_s
        waiting = [view.due_at for view in self.views.values()]
        renewals = [view.renew_at for view in self.views.values() if not view.fetching]
        return min(self._auth_by, self._notice_at, expiry, *waiting, *renewals)

    def tick(self, now: float) -> Effects:
        """Does what is due."""
        if self.closed:
            return []
        if now >= self._auth_by:
            return self._close(4408, "no auth message came in time")
        if now >= self._expires_at + self._limits.reauth_grace_s:
            return self.end(HalftoneError(ErrorCode.TOKEN_EXPIRED))
        effects: Effects = []
        if now >= self._notice_at:
            self._notice_at = math.inf
            effects.append(self._notice(Notice(code=NOTICE_CODE_REAUTH_SOON)))
        for view in self.views.values():
            if now >= view.due_at:
                self._bucket.take(now)
                effects += self._render_due(view, now)
            if now >= view.renew_at:
                effects += self._refetch(view)
        return effects

    def refuse(self, error: HalftoneError, view_id: int = 0, seq: int = 0) -> Effects:
        """The error message for something that was asked."""
        message = Error(
            code=error.code,
            field=error.field,
            detail=error.detail,
            view_id=view_id,
            seq=seq,
            request_id=f"{self.session_id}-{next(self._numbers)}",
            retry_after_ms=error.retry_after_ms,
        )
        return [Send(ServerMessage(error=message))]

    def _next_run(self) -> int:
        return next(self._numbers)

    def _view(self, view_id: int) -> ViewState:
        view = self.views.get(view_id)
        if view is None:
            raise HalftoneError(ErrorCode.NOT_FOUND, "There is no such view.", field="viewId")
        return view

    def _of_epoch(self, view_id: int, epoch: int) -> ViewState | None:
        view = self.views.get(view_id)
        return view if view and view.epoch == epoch else None

    def _showing(self, dataset_id: str) -> list[ViewState]:
        views = [view for view in self.views.values() if view.access]
        return [view for view in views if view.access and dataset_id in ("", view.access.grant.dataset_id)]

    def _refetch(self, view: ViewState) -> Effects:
        if view.fetching:
            return []
        view.fetching = True
        view.renew_at = math.inf
        return [FetchGrant(view.view_id, view.epoch, view.dataset, view.version_id, fresh=True)]

    def _close_view(self, view: ViewState, code: str) -> Effects:
        del self.views[view.view_id]
        closed = ServerMessage(closed=Closed(view_id=view.view_id, code=code))
        return [*view.end(), Send(closed)]

    def _rate_limited(self, now: float) -> HalftoneError:
        wait_ms = math.ceil(max(0.0, self._bucket.next_at() - now) * 1000)
        return HalftoneError(ErrorCode.RATE_LIMITED, retry_after_ms=max(1, wait_ms))

    def _render_due(self, view: ViewState, now: float) -> Effects:
        if now < view.due_at:
            return []
        view.rendered_at = now
        return view.render()

    def _over_rate(self, now: float) -> Effects:
        return [] if self._flood.take(now) else self.end(self._rate_limited(now))

    def _notice(self, notice: Notice) -> Send:
        return Send(ServerMessage(notice=notice))

    def _close(self, code: int, reason: str) -> Effects:
        return [*self.gone(), CloseSocket(code, reason)]
