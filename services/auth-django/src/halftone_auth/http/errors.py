"""Every error of the REST API as one problem document: `{code, field, detail, request_id}`."""

import sys
from math import ceil

import structlog
from django.core.exceptions import RequestAborted, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse, ExceptionHandlerContext
from halftone_servicekit.errors import ErrorCode, HalftoneError, problem
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback
from typing_extensions import override

from halftone_auth.http.middleware import request_id

log = structlog.get_logger(__name__)

STATUS_CODES = {
    401: ErrorCode.AUTH_REQUIRED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    406: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    413: ErrorCode.BODY_TOO_LARGE,
    415: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    429: ErrorCode.RATE_LIMITED,
    500: ErrorCode.INTERNAL,
}
DATABASE_UNREACHABLE = (OperationalError, InterfaceError)
RANGE_CODES = frozenset({"max_length", "min_length", "max_value", "min_value", "max_string_length"})


class ProblemFormatter(ExceptionFormatter):
    """Turns the first error of a DRF exception into a problem document."""

    @override
    def format_error_response(self, error_response: ErrorResponse) -> dict[str, object]:
        first = error_response.errors[0]
        # Only these two kinds describe the caller's input; other texts may reveal internals.
        is_input = isinstance(self.exc, exceptions.ValidationError | exceptions.ParseError)
        detail = first.detail if is_input else ""
        return problem(HalftoneError(self._code(first.code), detail, first.attr or ""), request_id())

    def _code(self, code: str) -> ErrorCode:
        if isinstance(self.exc, exceptions.ValidationError):
            if code in set(ErrorCode):
                return ErrorCode(code)
            return ErrorCode.PARAM_OUT_OF_RANGE if code in RANGE_CODES else ErrorCode.PARAM_INVALID
        if isinstance(self.exc, exceptions.ParseError):
            return ErrorCode.BAD_JSON
        return STATUS_CODES.get(self.exc.status_code, ErrorCode.INTERNAL)


def exception_handler(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """DRF's exception handler: ours by the error table, DRF's by the formatter, all others logged as internal."""
    if isinstance(exc, RequestAborted | UnreadablePostError):
        exc = HalftoneError(ErrorCode.BAD_MESSAGE, "The request ended before its body did.")
    elif isinstance(exc, SuspiciousOperation):
        exc = HalftoneError(ErrorCode.BAD_MESSAGE)
    elif isinstance(exc, DATABASE_UNREACHABLE):
        exc = database_unreachable(exc)
    if isinstance(exc, HalftoneError):
        set_rollback()
        return respond(exc)
    return ExceptionHandler(exc, context).run()


def database_unreachable(exc: BaseException) -> HalftoneError:
    """The error for a database that is unreachable, overloaded or too slow."""
    log.warning("database_unreachable", error=repr(exc))
    return HalftoneError(ErrorCode.AUTH_UNAVAILABLE, "The database cannot be reached.", retry_after_ms=1000)


def respond(error: HalftoneError) -> Response:
    """An error as a DRF response, with the headers of its status."""
    return Response(problem(error, request_id()), status=error.row.http, headers=headers_of(error))


def headers_of(error: HalftoneError) -> dict[str, str]:
    """`WWW-Authenticate` for 401, `Retry-After` for a known delay and for 429 and 503."""
    headers: dict[str, str] = {}
    if error.row.http == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="halftone"'
    if error.retry_after_ms:
        headers["Retry-After"] = str(ceil(error.retry_after_ms / 1000))
    elif error.row.http in (429, 503):
        headers["Retry-After"] = "1"
    return headers


def plain(error: HalftoneError) -> JsonResponse:
    """An error as a response outside DRF's views."""
    return JsonResponse(problem(error, request_id()), status=error.row.http, headers=headers_of(error))


def bad_request(_request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's 400."""
    return plain(HalftoneError(ErrorCode.BAD_MESSAGE))


def forbidden(_request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's 403."""
    return plain(HalftoneError(ErrorCode.FORBIDDEN))


def not_found(_request: HttpRequest, exception: Http404) -> JsonResponse:
    """Django's 404."""
    return plain(HalftoneError(ErrorCode.NOT_FOUND))


def server_error(_request: HttpRequest) -> JsonResponse:
    """Django's 500, without the cause. An unreachable database is 503 outside DRF's views too."""
    cause = sys.exception()
    if isinstance(cause, DATABASE_UNREACHABLE):
        return plain(database_unreachable(cause))
    return plain(HalftoneError(ErrorCode.INTERNAL))


def csrf_failure(_request: HttpRequest, reason: str = "", **_: object) -> JsonResponse:
    """A form without its CSRF token."""
    return plain(HalftoneError(ErrorCode.FORBIDDEN, "The form is out of date; load the page again."))
