"""Verifies access tokens and grants against a JWKS; issuing them is the auth service's work."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import jwt

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.jwks import Clock, Jwks

__all__ = ["AccessClaims", "Grant", "Jwks", "TokenVerifier"]

ACCESS_TYP: Final = "at+jwt"
ACCESS_AUDIENCE: Final = "halftone"
GRANT_TYP: Final = "halftone-grant+jwt"
GRANT_AUDIENCE: Final = "halftone-compute"
# How long an access token is valid, and how long past its end clocks may differ.
ACCESS_LIFE_S: Final = 300
LEEWAY_S: Final = 10.0
FUTURE_S: Final = 60.0
# How long after a revocation a token that it concerns may still be valid. A minute more, because a transaction takes
# time after the event in it, and clocks of servers differ.
REVOCATION_LIFE_S: Final = ACCESS_LIFE_S + LEEWAY_S + 60
MAX_TOKEN_CHARS: Final = 65_536
# The year 9999; more is a mistake, and NaN is never less.
MAX_TIME_S: Final = 253_402_300_800


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Who holds an access token. `expires_at` is seconds since the epoch; `raw` holds every claim.

    `token_version` counts how often every token of this person has been revoked.
    """

    subject: str
    session_id: str
    token_id: str
    client: str
    token_version: int
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
            token_version=int(_number(claims, "ver")),
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
    except jwt.PyJWTError as error:
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
            # The key decides the algorithm, never the token.
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
    except jwt.PyJWTError as error:
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
