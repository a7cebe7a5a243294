"""Exceptions to statuses: the code of the shared table travels in trailing metadata, and nothing internal travels."""

from __future__ import annotations

import urllib.parse
import uuid
from typing import TYPE_CHECKING, NoReturn

import grpc
import structlog
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute import metrics

if TYPE_CHECKING:
    from typing import Any

CODE_KEY = "halftone-code"
FIELD_KEY = "halftone-field"
REQUEST_ID_KEY = "halftone-request-id"
# A client with gRPC's own retries waits this many milliseconds.
PUSHBACK_KEY = "grpc-retry-pushback-ms"
_LONGEST = 512

log = structlog.get_logger(__name__)


def known(error: BaseException, request_id: str) -> HalftoneError:
    """The error to show. What is not ours is logged here, with its stack, and becomes a bare `internal`."""
    if isinstance(error, HalftoneError):
        return error
    if isinstance(error, TimeoutError):
        return HalftoneError(ErrorCode.DEADLINE_EXCEEDED)
    if isinstance(error, MemoryError):
        return HalftoneError(ErrorCode.RENDER_TOO_LARGE)
    log.error("request_failed", request_id=request_id, exc_info=error)
    return HalftoneError(ErrorCode.INTERNAL, f"Something went wrong on our side (request {request_id}).")


def failure(error: HalftoneError) -> compute_pb2.Failure:
    """The error as a message of a Render stream."""
    metrics.ERRORS.labels(error.code.value).inc()
    return compute_pb2.Failure(
        code=error.code.value,
        field=error.field[:_LONGEST],
        detail=error.detail[:_LONGEST],
        retry_after_ms=error.retry_after_ms,
    )


async def abort(context: grpc.aio.ServicerContext[Any, Any], error: HalftoneError, request_id: str) -> NoReturn:
    """Ends a call with the error's status; field names are percent-encoded, as metadata is ASCII."""
    metrics.ERRORS.labels(error.code.value).inc()
    trailing = [
        (CODE_KEY, error.code.value),
        (FIELD_KEY, urllib.parse.quote(error.field[:_LONGEST])),
        (REQUEST_ID_KEY, request_id),
    ]
    if error.retry_after_ms:
        trailing.append((PUSHBACK_KEY, str(error.retry_after_ms)))
    await context.abort(grpc.StatusCode[error.row.grpc], error.detail[:_LONGEST], tuple(trailing))
    raise AssertionError("abort returned")


def new_request_id() -> str:
    """A random id that ties an answer to the log."""
    return uuid.uuid4().hex
