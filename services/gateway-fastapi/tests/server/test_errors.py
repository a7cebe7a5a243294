"""Errors on HTTP."""

import json

import httpx2
import pytest
from fastapi import FastAPI
from halftone_gateway.server import errors
from halftone_servicekit.errors import ErrorCode, HalftoneError


def broken_app() -> FastAPI:
    """An app whose routes fail."""
    app = FastAPI()
    errors.install(app)

    @app.get("/known")
    async def known() -> None:
        raise HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=1500)

    @app.get("/number/{number}")
    async def number(number: int) -> int:
        return number

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError("secret")

    return app


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/known", 503, "overloaded"),
        ("/number/x", 400, "param_invalid"),
        ("/bug", 500, "internal"),
        ("/nothing", 404, "not_found"),
    ],
)
async def test_every_error_is_a_problem(path: str, status: int, code: str) -> None:
    transport = httpx2.ASGITransport(app=broken_app(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as web:
        answer = await web.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "field", "detail", "request_id"}
    assert "secret" not in answer.text


def test_the_time_to_wait_is_in_whole_seconds() -> None:
    response = errors.problem_response(HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=1500))
    assert response.headers["retry-after"] == "2"
    assert response.headers["cache-control"] == "no-store"
    assert json.loads(bytes(response.body))["code"] == "overloaded"


def test_a_status_may_be_given() -> None:
    assert errors.problem_response(HalftoneError(ErrorCode.TOKEN_INVALID), 400).status_code == 400
