"""Signs and verifies tokens: simplejwt's backend with the `kid` and `typ` headers that it cannot set."""

import time
import uuid
from collections.abc import Mapping
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from django.conf import settings
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import (
    ACCESS_AUDIENCE,
    ACCESS_LIFE_S,
    ACCESS_TYP,
    FUTURE_S,
    GRANT_AUDIENCE,
    GRANT_TYP,
    LEEWAY_S,
)
from rest_framework_simplejwt.backends import TokenBackend
from typing_extensions import override

from users.models import RefreshToken, SessionFamily, User
from users.tokens.keys import ALGORITHM, key_folder

GRANT_LIFE_S = 300
REFRESH_TYP = "halftone-refresh+jwt"
REFRESH_AUDIENCE = "halftone-auth"
MAX_TOKEN_CHARS = 8192


class KeyedTokenBackend(TokenBackend):
    """Tokens of one type: signed by the current key, verified by the published key that the header names."""

    def __init__(self, typ: str, audience: str) -> None:
        super().__init__(ALGORITHM, audience=audience, issuer=settings.ISSUER, leeway=LEEWAY_S)
        self.typ = typ

    @override
    def encode(self, payload: dict[str, Any]) -> str:
        key = key_folder().current(time.time())
        claims = {**payload, "iss": self.issuer, "aud": self.audience}
        return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.kid, "typ": self.typ})

    @override
    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims. Raises `token_invalid`, `token_expired` or `token_not_yet_valid`."""
        try:
            key = self._key_of(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=cast("str", self.audience),
                issuer=self.issuer,
                leeway=self.get_leeway(),
                options={"require": ["iss", "aud", "sub", "iat", "exp", "jti"], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise HalftoneError(ErrorCode.TOKEN_EXPIRED) from error
        except jwt.ImmatureSignatureError as error:
            raise HalftoneError(ErrorCode.TOKEN_NOT_YET_VALID) from error
        except (jwt.PyJWTError, UnicodeError) as error:
            raise HalftoneError(ErrorCode.TOKEN_INVALID) from error
        _check_issue_time(claims)
        return claims

    def _key_of(self, token: str) -> EllipticCurvePublicKey:
        header = jwt.get_unverified_header(token) if len(token) <= MAX_TOKEN_CHARS else {}
        key = key_folder().find(header.get("kid"), time.time())
        if key is None or header.get("typ") != self.typ or "crit" in header:
            raise jwt.InvalidTokenError
        return key.private.public_key()


def _check_issue_time(claims: Mapping[str, Any]) -> None:
    if not isinstance(claims["iat"], int | float):
        raise HalftoneError(ErrorCode.TOKEN_INVALID)
    if claims["iat"] > time.time() + FUTURE_S:
        raise HalftoneError(ErrorCode.TOKEN_NOT_YET_VALID)


def access_backend() -> KeyedTokenBackend:
    """Access tokens."""
    return KeyedTokenBackend(ACCESS_TYP, ACCESS_AUDIENCE)


def refresh_backend() -> KeyedTokenBackend:
    """Refresh tokens, verified by this service only."""
    return KeyedTokenBackend(REFRESH_TYP, REFRESH_AUDIENCE)


def grant_backend() -> KeyedTokenBackend:
    """Grants, verified by compute."""
    return KeyedTokenBackend(GRANT_TYP, GRANT_AUDIENCE)


def access_token(user: User, family: SessionFamily) -> str:
    """An access token of a session, for 300 s."""
    now = int(time.time())
    return access_backend().encode(
        {
            "sub": str(user.pk),
            "sid": str(family.pk),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + ACCESS_LIFE_S,
            "cl": family.client,
            "ver": user.token_version,
            "token_type": "access",
        }
    )


def refresh_token(token: RefreshToken) -> str:
    """The refresh token of a stored row; signing the same row twice gives the same claims."""
    return refresh_backend().encode(
        {
            "sub": str(token.family.user_id),
            "sid": str(token.family_id),
            "jti": str(token.pk),
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
            "token_type": "refresh",
        }
    )


def grant_token(claims: Mapping[str, Any]) -> str:
    """A grant for 300 s. The caller passes the claims without times."""
    now = int(time.time())
    return grant_backend().encode({**claims, "iat": now, "exp": now + GRANT_LIFE_S})
