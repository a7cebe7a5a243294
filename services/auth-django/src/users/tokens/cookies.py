"""The refresh cookie of browsers, and the origins that may use it."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from halftone_servicekit.errors import ErrorCode, HalftoneError

NAME = "__Host-halftone-refresh"


def allowed_origin(request: HttpRequest) -> bool:
    """Whether the Origin is allowed; False without one. Raises `origin_refused` for any other."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    if origin not in settings.ALLOWED_ORIGINS:
        raise HalftoneError(ErrorCode.ORIGIN_REFUSED)
    return True


def refresh_cookie(request: HttpRequest) -> str:
    """The cookie's token, or an empty string. Raises `origin_refused` for a cookie without an allowed Origin."""
    token = request.COOKIES.get(NAME, "")
    if not allowed_origin(request) and token:
        raise HalftoneError(ErrorCode.ORIGIN_REFUSED, "The session cookie is accepted from allowed origins only.")
    return token


def set_refresh(response: HttpResponseBase, token: str, expires_at: datetime) -> None:
    """Sets the refresh cookie."""
    response.set_cookie(NAME, token, expires=expires_at, path="/", secure=True, httponly=True, samesite="Strict")


def clear_refresh(response: HttpResponseBase) -> None:
    """Deletes the refresh cookie, with the attributes that a `__Host-` cookie needs."""
    response.set_cookie(NAME, "", max_age=0, path="/", secure=True, httponly=True, samesite="Strict")
