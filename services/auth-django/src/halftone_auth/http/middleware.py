"""Middleware of every request: an id, a trace span, security headers, static files."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from io import BytesIO

import structlog
from django.http import HttpRequest, HttpResponse
from halftone_servicekit.telemetry import tracer, use_traceparent
from typing_extensions import override
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it ships no types
from whitenoise.responders import StaticFile  # type: ignore[import-untyped]  # it ships no types

HEADER = "X-Request-Id"
SHAPE = re.compile(r"[A-Za-z0-9_-]{8,64}")
GetResponse = Callable[[HttpRequest], HttpResponse]

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the current request; empty outside a request."""
    return _request_id.get()


class RequestIdMiddleware:
    """Takes the caller's `X-Request-Id` when it is well-formed, else makes one; responses and logs carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.tracer = tracer("halftone_auth")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        current = given if SHAPE.fullmatch(given) else uuid.uuid4().hex
        token = _request_id.set(current)
        try:
            with structlog.contextvars.bound_contextvars(request_id=current):
                response = self._traced(request)
        finally:
            _request_id.reset(token)
        response.headers[HEADER] = current
        return response

    def _traced(self, request: HttpRequest) -> HttpResponse:
        parent = use_traceparent(request.headers.get("traceparent", ""))
        with parent, self.tracer.start_as_current_span(f"{request.method} auth") as span:
            response = self.get_response(request)
            route = request.resolver_match.route if request.resolver_match else ""
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
        return response


class SecurityHeadersMiddleware:
    """Keeps API responses out of shared caches, and foreign code out of pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        response.headers.setdefault("Content-Security-Policy", policy_of(request.path))
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # the base is untyped
    """Serves WhiteNoise's files as plain responses: its synchronous streams make an ASGI server warn."""

    @staticmethod
    @override
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        with found.file or BytesIO() as file:
            response = HttpResponse(file.read(), status=int(found.status))
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        return response


def policy_of(path: str) -> str:
    """The content security policy of a path: the admin and the API reference are pages, everything else is data."""
    if path.startswith("/admin"):
        # The admin's Alpine.js evaluates attributes.
        scripts = "'self' 'unsafe-inline' 'unsafe-eval'"
    elif path.startswith("/api/docs"):
        scripts = "'self' 'unsafe-inline'"
    else:
        return "default-src 'none'; frame-ancestors 'none'"
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
