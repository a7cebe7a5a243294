"""REST authentication by access token: verifies it and looks up its session."""

from uuid import UUID

from django.utils import timezone
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from typing_extensions import override

from users.models import SessionFamily, User
from users.tokens.issue import access_backend


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`. Raises `token_invalid`, `token_expired`, `token_not_yet_valid`."""

    @override
    def authenticate(self, request: Request) -> tuple[User, SessionFamily] | None:
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise HalftoneError(ErrorCode.TOKEN_INVALID, "The header must be: Authorization: Bearer <token>.")
        family = session_of(parts[1].decode("latin-1"))
        return family.user, family

    @override
    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="halftone"'


def session_of(token: str) -> SessionFamily:
    """The live session of an access token. Raises `token_invalid` for an ended one, and the errors of verification."""
    claims = access_backend().decode(token)
    if claims.get("token_type") != "access":
        raise HalftoneError(ErrorCode.TOKEN_INVALID)
    try:
        wanted = {"pk": UUID(claims["sid"]), "user_id": UUID(claims["sub"])}
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise HalftoneError(ErrorCode.TOKEN_INVALID) from error
    family = SessionFamily.objects.select_related("user").filter(**wanted).first()
    if family is None or not family.is_live(timezone.now()) or not family.user.is_active:
        raise HalftoneError(ErrorCode.TOKEN_INVALID, "This session has ended; sign in again.")
    if claims.get("ver") != family.user.token_version:
        raise HalftoneError(ErrorCode.TOKEN_INVALID, "This session has ended; sign in again.")
    return family


def user_of(request: Request) -> User:
    """The signed-in user of a request. Raises `auth_required`."""
    if not isinstance(request.user, User):
        raise HalftoneError(ErrorCode.AUTH_REQUIRED)
    return request.user
