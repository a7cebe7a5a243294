"""Verifies access tokens and grants against a JWKS; issuing them is the auth service's work."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx2
import jwt
import structlog

from halftone_servicekit.errors import ErrorCode, HalftoneError

ACCESS_TYP: Final = "at+jwt"
ACCESS_AUDIENCE: Final = "halftone"
GRANT_TYP: Final = "halftone-grant+jwt"
GRANT_AUDIENCE: Final = "halftone-compute"
ALGORITHMS: Final = ("ES256", "RS256")
LEEWAY_S: Final = 10.0
FUTURE_S: Final = 60.0
CACHE_S: Final = 300.0
COOLDOWN_S: Final = 30.0
RETRY_S: Final = 1.0
STALE_S: Final = 3600.0
TIMEOUT_S: Final = 2.0
MAX_TOKEN_CHARS: Final = 65_536
# The year 9999; more is a mistake, and NaN is never less.
MAX_TIME_S: Final = 253_402_300_800
MAX_JWKS_BYTES: Final = 262_144

Fetch = Callable[[str], Awaitable[Mapping[str, object]]]
Clock = Callable[[], float]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Who holds an access token. `expires_at` is seconds since the epoch; `raw` holds every claim."""

    subject: str
    session_id: str
    token_id: str
    client: str
    expires_at: float
    raw: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person may read of one version. `manifest` is relative to the storage root."""

    subject: str
    dataset_id: str
    version_id: str
    manifest: str
    columns: frozenset[str]
    policy_hash: str
    purpose: str
    expires_at: float

    def allows(self, name: str) -> bool:
        """Whether a column may be read."""
        return "*" in self.columns or name in self.columns


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
        raise _invalid("The token is signed with an unknown key.")

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


class TokenVerifier:
    """Verifies tokens of one issuer. `clock` gives seconds since the epoch."""

    def __init__(self, jwks: Jwks, issuer: str, *, clock: Clock = time.time) -> None:
        self._jwks = jwks
        self._issuer = issuer
        self._clock = clock

    async def verify_access(self, token: str) -> AccessClaims:
        """Raises `token_invalid`, `token_expired`, `token_not_yet_valid` or `auth_unavailable`."""
        claims = await self._verify(token, ACCESS_TYP, ACCESS_AUDIENCE)
        if claims.get("token_type") != "access":
            raise _invalid("This is not an access token.")
        client = _text(claims, "cl")
        if client not in ("web", "api"):
            raise _invalid("The token names no known client.")
        return AccessClaims(
            subject=_text(claims, "sub"),
            session_id=_text(claims, "sid"),
            token_id=_text(claims, "jti"),
            client=client,
            expires_at=_number(claims, "exp"),
            raw=claims,
        )

    async def verify_grant(self, token: str) -> Grant:
        """Raises `token_invalid`, `token_expired`, `token_not_yet_valid` or `auth_unavailable`."""
        claims = await self._verify(token, GRANT_TYP, GRANT_AUDIENCE)
        columns = claims.get("columns")
        if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            raise _invalid("The grant names no columns.")
        return Grant(
            subject=_text(claims, "sub"),
            dataset_id=_text(claims, "dataset"),
            version_id=_text(claims, "version"),
            manifest=_text(claims, "manifest"),
            columns=frozenset(columns),
            policy_hash=_text(claims, "policy_hash"),
            purpose=_text(claims, "purpose"),
            expires_at=_number(claims, "exp"),
        )

    async def _verify(self, token: str, typ: str, audience: str) -> dict[str, object]:
        header = _header(token, typ)
        key = await self._jwks.key(_text(header, "kid"))
        if header.get("alg") != key.algorithm_name:
            raise _invalid("The token is signed with another algorithm than its key.")
        claims = _decoded(token, key, audience, self._issuer)
        self._check_times(claims)
        return claims

    def _check_times(self, claims: Mapping[str, object]) -> None:
        now = self._clock()
        if _number(claims, "iat") > now + FUTURE_S or _number(claims, "nbf", 0.0) > now + LEEWAY_S:
            raise HalftoneError(ErrorCode.TOKEN_NOT_YET_VALID)
        if _number(claims, "exp") <= now - LEEWAY_S:
            raise HalftoneError(ErrorCode.TOKEN_EXPIRED)


def _header(token: str, typ: str) -> dict[str, object]:
    if len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise _invalid()
    try:
        header: dict[str, object] = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise _invalid() from error
    if header.get("typ") != typ:
        raise _invalid("This is another type of token.")
    if "crit" in header:
        raise _invalid("The token asks for an extension that is not known.")
    return header


def _decoded(token: str, key: jwt.PyJWK, audience: str, issuer: str) -> dict[str, object]:
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=audience,
            issuer=issuer,
            # Times are checked against our own clock, with other bounds than PyJWT's.
            options={
                "require": ["iss", "aud", "sub", "iat", "exp"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "strict_aud": True,
            },
        )
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise _invalid() from error
    return claims


def _invalid(detail: str = "") -> HalftoneError:
    return HalftoneError(ErrorCode.TOKEN_INVALID, detail)


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"The token has no {name}.")
    return value


def _number(claims: Mapping[str, object], name: str, default: float | None = None) -> float:
    value = claims.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < MAX_TIME_S:
        raise _invalid(f"The token has no {name}.")
    return float(value)
