"""The public keys that tokens are signed with, fetched from a JWKS document as rarely as possible."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import httpx2
import jwt
import structlog

from halftone_servicekit.errors import ErrorCode, HalftoneError

ALGORITHMS: Final = ("ES256", "RS256")
CACHE_S: Final = 300.0
COOLDOWN_S: Final = 30.0
RETRY_S: Final = 1.0
STALE_S: Final = 3600.0
TIMEOUT_S: Final = 2.0
MAX_JWKS_BYTES: Final = 262_144

Fetch = Callable[[str], Awaitable[Mapping[str, object]]]
Clock = Callable[[], float]

log = structlog.get_logger(__name__)


async def fetch_jwks(url: str) -> Mapping[str, object]:
    """Gets a JWKS document within 2 s. Raises `httpx2.HTTPError` or `ValueError`."""
    body = bytearray()
    # No proxy from the environment: the auth service is a neighbour.
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client,
        client.stream("GET", url) as answer,
    ):
        answer.raise_for_status()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MAX_JWKS_BYTES:
                raise ValueError("the JWKS document is too large")
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("the JWKS document is no object")
    return document


class Jwks:
    """The public keys at a URL, by key id.

    Keys are kept 300 s. A key id that is not among them causes a fetch at most every 30 s, so that made-up ids cost
    nothing. While the URL cannot be read, keys stay good for an hour and the next try comes after 30 s, or after 1 s
    for a key id that is not known. Concurrent callers share one fetch; it takes at most 2 s. `clock` gives seconds.
    """

    def __init__(self, url: str, *, fetch: Fetch = fetch_jwks, clock: Clock = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -math.inf
        self._failed_at = -math.inf
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> jwt.PyJWK:
        """The key of this id. Raises `token_invalid` when there is none, `auth_unavailable` when that is unknowable."""
        if not self._is_due(kid):
            return self._known(kid)
        async with self._lock:
            if self._is_due(kid):
                await self._refresh()
        return self._known(kid)

    def _is_due(self, kid: str) -> bool:
        age, since_failure = self._clock() - self._fetched_at, self._clock() - self._failed_at
        if kid in self._keys and age < STALE_S:
            return age >= CACHE_S and since_failure >= COOLDOWN_S
        return age >= COOLDOWN_S and since_failure >= RETRY_S

    def _known(self, kid: str) -> jwt.PyJWK:
        if kid in self._keys and self._clock() - self._fetched_at < STALE_S:
            return self._keys[kid]
        if self._failed_at >= self._fetched_at:
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, retry_after_ms=int(RETRY_S * 1000))
        raise HalftoneError(ErrorCode.TOKEN_INVALID, "The token is signed with an unknown key.")

    async def _refresh(self) -> None:
        # Nothing is noted before the answer: when the caller that fetches is cancelled, the next one fetches.
        try:
            async with asyncio.timeout(TIMEOUT_S):
                keys = keys_of(await self._fetch(self._url))
        except (httpx2.HTTPError, OSError, ValueError, RecursionError) as error:
            self._failed_at = self._clock()
            log.warning("jwks_unavailable", url=self._url, error=repr(error))
        else:
            self._keys, self._fetched_at = keys, self._clock()


def keys_of(document: Mapping[str, object]) -> dict[str, jwt.PyJWK]:
    """The usable signing keys of a JWKS document by id; others are left out. Raises `ValueError` when it is no JWKS."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise ValueError("the JWKS document has no list of keys")
    keys: dict[str, jwt.PyJWK] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK.from_dict(entry)
        except jwt.PyJWTError as error:
            log.warning("jwk_unusable", kid=entry["kid"], error=repr(error))
            continue
        if key.algorithm_name in ALGORITHMS:
            keys[entry["kid"]] = key
    return keys
