"""The refresh cookie of browsers, and the origins that may use it."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from halftone_servicekit.errors import ErrorCode, HalftoneError

NAME = "__Host-halftone-refresh"


def allowed_origin(request: HttpRequest) -> bool:
    """Whether a browser of ours is asking. Raises `origin_refused` for any other browser; False without an Origin."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    if origin not in settings.ALLOWED_ORIGINS:
        raise HalftoneError(ErrorCode.ORIGIN_REFUSED)
    return True


def refresh_cookie(request: HttpRequest) -> str:
    """The cookie's token, or an empty string. Raises `origin_refused` when it comes without an allowed Origin."""
    token = request.COOKIES.get(NAME, "")
    if not allowed_origin(request) and token:
        raise HalftoneError(ErrorCode.ORIGIN_REFUSED, "The session cookie is only taken from an allowed origin.")
    return token


def set_refresh(response: HttpResponseBase, token: str, expires_at: datetime) -> None:
    """Gives the browser its refresh token."""
    response.set_cookie(NAME, token, expires=expires_at, path="/", secure=True, httponly=True, samesite="Strict")


def clear_refresh(response: HttpResponseBase) -> None:
    """Takes it away again, with the attributes that a `__Host-` cookie must have."""
    response.set_cookie(NAME, "", max_age=0, path="/", secure=True, httponly=True, samesite="Strict")
