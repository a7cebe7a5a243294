"""What auth has revoked within the life of an access token. A token that it concerns opens no socket."""

import math
import time
from collections.abc import Callable, MutableMapping
from typing import Final

from cachetools import TTLCache
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import REVOCATION_LIFE_S, AccessClaims

_RETRY_MS: Final = 1000


class Revocations:
    """Before the first complete reading of auth's events no token is accepted: what they revoke is not known.

    An entry is kept until every token that it concerns has expired. `clock` gives seconds, and never goes back.
    """

    def __init__(self, *, is_known: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_known = is_known
        self._sessions: MutableMapping[str, bool] = TTLCache(math.inf, REVOCATION_LIFE_S, clock)
        # By person, the least version of tokens that is valid.
        self._versions: MutableMapping[str, float] = TTLCache(math.inf, REVOCATION_LIFE_S, clock)

    @property
    def is_known(self) -> bool:
        """Whether every revocation that concerns a valid token was read once."""
        return self._is_known

    def known(self) -> None:
        """The events have been read up to the newest."""
        self._is_known = True

    def end_session(self, session_id: str) -> None:
        self._sessions[session_id] = True

    def end_sessions_of(self, subject: str, least_version: float) -> None:
        """Revokes the tokens of a person with a smaller version; infinity: all of them."""
        self._versions[subject] = max(least_version, self._versions.get(subject, 0))

    def revokes(self, claims: AccessClaims) -> bool:
        """Whether a token is known to be revoked."""
        return claims.session_id in self._sessions or claims.token_version < self._versions.get(claims.subject, 0)

    def check(self, claims: AccessClaims) -> None:
        """Raises `forbidden` for a revoked token, and `auth_unavailable` while it is not known what is revoked."""
        if not self._is_known:
            detail = "It is not known yet which sign-ins were revoked."
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, detail, retry_after_ms=_RETRY_MS)
        if self.revokes(claims):
            raise HalftoneError(ErrorCode.FORBIDDEN, "The sign-in was revoked.")
