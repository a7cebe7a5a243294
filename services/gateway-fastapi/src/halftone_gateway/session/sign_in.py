"""Who has signed in on one socket, and until when."""

import math
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import AccessClaims

from halftone_gateway.limits import SocketLimits


class SignInState(Enum):
    """Whether a person has signed in.

    | state | event | next |
    |---|---|---|
    | AWAITED | TOKEN | VALID |
    | VALID | TOKEN | VALID |
    | VALID | NOTICE | EXPIRING |
    | EXPIRING | TOKEN | VALID |
    """

    AWAITED = auto()
    VALID = auto()
    # The client knows that its token ends soon.
    EXPIRING = auto()


class SignInEvent(Enum):
    """What changes the sign-in of a socket."""

    TOKEN = auto()
    NOTICE = auto()


TRANSITIONS: Final[Mapping[tuple[SignInState, SignInEvent], SignInState]] = {
    (SignInState.AWAITED, SignInEvent.TOKEN): SignInState.VALID,
    (SignInState.VALID, SignInEvent.TOKEN): SignInState.VALID,
    (SignInState.VALID, SignInEvent.NOTICE): SignInState.EXPIRING,
    (SignInState.EXPIRING, SignInEvent.TOKEN): SignInState.VALID,
}


class SignIn:
    """Times are in seconds on the clock of the session."""

    def __init__(self, limits: SocketLimits, now: float, *, has_origin: bool) -> None:
        self._limits = limits
        self._has_origin = has_origin
        self._state = SignInState.AWAITED
        self._claims: AccessClaims | None = None
        self._due_at = now + limits.auth_timeout_s
        self._expires_at = math.inf

    @property
    def state(self) -> SignInState:
        return self._state

    @property
    def claims(self) -> AccessClaims | None:
        """Of the newest token; None before the first."""
        return self._claims

    def accept(self, claims: AccessClaims, expires_at: float) -> None:
        """Takes a verified token over. Raises `origin_refused`, or `forbidden` for that of another person."""
        if not self._has_origin and claims.client != "api":
            raise HalftoneError(ErrorCode.ORIGIN_REFUSED, "A browser's token needs its browser's origin.")
        if self._claims is not None and claims.subject != self._claims.subject:
            raise HalftoneError(ErrorCode.FORBIDDEN, "This socket belongs to another person.")
        self._on(SignInEvent.TOKEN)
        self._claims = claims
        self._due_at = expires_at - self._limits.reauth_notice_s
        self._expires_at = expires_at

    def expires_in(self, now: float) -> int:
        """Whole seconds until the token ends."""
        return max(0, int(self._expires_at - now))

    def next_deadline(self) -> float:
        """When one of the next three has something to say."""
        return min(self._due_at, self._expires_at + self._limits.reauth_grace_s)

    def is_late(self, now: float) -> bool:
        """Whether the first token has not come in time."""
        return self._state is SignInState.AWAITED and now >= self._due_at

    def is_over(self, now: float) -> bool:
        """Whether the token has ended and no other has come since."""
        return now >= self._expires_at + self._limits.reauth_grace_s

    def takes_notice(self, now: float) -> bool:
        """Whether the client is to be reminded now; once for each token."""
        if self._state is not SignInState.VALID or now < self._due_at:
            return False
        self._on(SignInEvent.NOTICE)
        self._due_at = math.inf
        return True

    def _on(self, event: SignInEvent) -> None:
        self._state = TRANSITIONS[self._state, event]
