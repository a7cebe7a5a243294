"""What the auth service's answers mean."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from gateway_rig.serving import serving
from gateway_rig.talking import port_of, talking
from halftone_gateway.access.auth_client import AuthClient
from halftone_servicekit.errors import HalftoneError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@asynccontextmanager
async def answering(status: int, body: bytes) -> AsyncIterator[tuple[AuthClient, list[Request]]]:
    """A client of a server that always gives one answer, and the requests that it got."""
    requests: list[Request] = []

    async def answer(request: Request) -> Response:
        requests.append(request)
        return Response(body, status, headers={"Location": "http://127.0.0.1:1/"})

    app = Starlette(routes=[Route("/{path:path}", answer)])
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    async with serving(uvicorn.Server(config)) as port:
        client = AuthClient(f"http://127.0.0.1:{port}", "service")
        try:
            yield client, requests
        finally:
            await client.close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b"{}", "token_invalid"),
        (401, b'{"code": "token_expired"}', "token_expired"),
        (403, b"{}", "forbidden"),
        (404, b'{"code": "not_found"}', "unknown_dataset"),
        (410, b"{}", "version_gone"),
        (404, b'{"code": "version_gone"}', "version_gone"),
        (429, b"{}", "auth_unavailable"),
        (500, b"{}", "auth_unavailable"),
        (302, b"{}", "auth_unavailable"),
        (200, b"[]", "auth_unavailable"),
        (200, b"<html>", "auth_unavailable"),
    ],
)
async def test_each_answer_has_its_error(status: int, body: bytes, code: str) -> None:
    async with answering(status, body) as (client, _):
        with pytest.raises(HalftoneError) as caught:
            await client.grant("token", "flights", "")
        assert caught.value.code == code


async def test_the_persons_token_asks_for_a_grant_and_the_services_for_events() -> None:
    async with answering(200, b"{}") as (client, requests):
        await client.grant("mine", "flights", "v1")
        await client.events(7)
        await client.events(None)
    assert [request.headers["authorization"] for request in requests] == ["Bearer mine", *["Bearer service"] * 2]
    assert [str(request.url.query) for request in requests] == ["version=v1", "after=7", ""]
    assert requests[0].url.path == "/api/datasets/flights/grant/"


async def test_a_slug_never_leaves_its_place_in_the_path() -> None:
    async with answering(200, b"{}") as (client, requests):
        await client.grant("t", "../internal?x", "")
    assert requests[0].scope["raw_path"] == b"/api/datasets/..%2Finternal%3Fx/grant/"


@asynccontextmanager
async def ending_connections(answers: int) -> AsyncIterator[AuthClient]:
    """A client of a server that answers so many requests of each connection and ends it at the next, unanswered."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(answers):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await reader.readuntil(b"\r\n\r\n")

    async with talking(talk) as server:
        client = AuthClient(f"http://127.0.0.1:{port_of(server)}", "service")
        try:
            yield client
        finally:
            await client.close()


async def test_a_connection_that_closes_as_it_is_reused_causes_no_error() -> None:
    async with ending_connections(1) as client:
        for _ in range(3):
            assert await client.grant("token", "flights", "") == {}


async def test_a_server_that_ends_every_connection_is_not_asked_for_ever() -> None:
    async with ending_connections(0) as client:
        with pytest.raises(HalftoneError) as caught:
            await client.grant("token", "flights", "")
        assert caught.value.code == "auth_unavailable"
