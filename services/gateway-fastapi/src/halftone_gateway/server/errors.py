"""Errors as HTTP answers: the one place that makes a status and a problem document."""

from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from halftone_servicekit.errors import ErrorCode, HalftoneError, problem

from halftone_gateway.metrics import ERRORS

_STATUSES = {404: ErrorCode.NOT_FOUND, 405: ErrorCode.METHOD_NOT_ALLOWED}

log = structlog.get_logger(__name__)


def problem_response(error: HalftoneError, status: int | None = None) -> JSONResponse:
    """The answer for an error; `status` replaces its own."""
    ERRORS.labels(error.code).inc()
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_ms:
        headers["Retry-After"] = str(-(-error.retry_after_ms // 1000))
    return JSONResponse(problem(error, uuid4().hex), status_code=status or error.row.http, headers=headers)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""

    @app.exception_handler(HalftoneError)
    async def known(_request: Request, error: HalftoneError) -> JSONResponse:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, _error: RequestValidationError) -> JSONResponse:
        return problem_response(HalftoneError(ErrorCode.PARAM_INVALID))

    # Starlette's own type, so that unknown paths and methods are covered too.
    @app.exception_handler(HTTPException.__base__ or HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        code = _STATUSES.get(error.status_code, ErrorCode.INTERNAL)
        return problem_response(HalftoneError(code), error.status_code)

    @app.exception_handler(Exception)
    async def unknown(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.url.path, exc_info=error)
        return problem_response(HalftoneError(ErrorCode.INTERNAL))
