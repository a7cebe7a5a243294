"""Verified grants, kept until they expire, so that a signature is checked once and not for every picture."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cachetools import LRUCache
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_servicekit.tokens import Grant, TokenVerifier

CAPACITY = 4096
PURPOSE = "view"


class Grants:
    """A cache in front of a verifier, by the whole token; `clock` gives seconds since the epoch."""

    def __init__(self, verifier: TokenVerifier, clock: Callable[[], float] = time.time) -> None:
        self._verifier = verifier
        self._clock = clock
        self._known: LRUCache[str, Grant] = LRUCache(CAPACITY)

    async def verify(self, token: str) -> Grant:
        """Raises `auth_required` without a token, `forbidden` for another purpose, and as `TokenVerifier` does."""
        if not token:
            raise HalftoneError(ErrorCode.AUTH_REQUIRED, "A grant is needed.", "grant")
        grant = self._known.get(token)
        if grant is not None and grant.expires_at > self._clock():
            return grant
        self._known.pop(token, None)
        grant = await self._verifier.verify_grant(token)
        if grant.purpose != PURPOSE:
            raise HalftoneError(ErrorCode.FORBIDDEN, "The grant is for another purpose.", "grant")
        self._known[token] = grant
        return grant
