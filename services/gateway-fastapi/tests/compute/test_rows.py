"""Calls for rows: on another service where the first cannot, and every error by its name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import grpc
import pytest
from gateway_rig.compute import ComputeServer
from gateway_rig.waiting import eventually
from halftone.v1.compute_pb2 import Failure, RowsRequest
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.pool import Pool
from halftone_gateway.compute.rows import fetch_rows, refusal
from halftone_servicekit.errors import HalftoneError

PATIENT_S = 60.0


@asynccontextmanager
async def pooled(servers: int) -> AsyncIterator[tuple[Pool, list[ComputeServer]]]:
    """A pool with these many services, all of which take requests."""
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(ComputeServer().serve()) for _ in range(servers)]
        pool = Pool(Dialer(), PATIENT_S, lambda: None)
        stack.push_async_callback(pool.close)
        pool.update((tuple(server.target for server in running),))
        await eventually(lambda: pool.connected == servers)
        yield pool, running


async def test_a_page_of_the_preferred_service() -> None:
    async with pooled(2) as (pool, servers):
        fetched = await fetch_rows(pool, RowsRequest(limit=5), "key", PATIENT_S)
        assert ([row.number for row in fetched.rows], fetched.end.matching) == ([0, 1], 7)
        choice = pool.prefer("key")
        assert choice is not None
        assert [len(server.rows_asked) for server in servers] == [server.target == choice.target for server in servers]


async def test_what_is_overloaded_is_tried_elsewhere_once() -> None:
    async with pooled(3) as (pool, servers):
        choice = pool.prefer("key")
        assert choice is not None
        (first,) = (server for server in servers if server.target == choice.target)
        first.failure = Failure(code="overloaded")
        assert (await fetch_rows(pool, RowsRequest(), "key", PATIENT_S)).end.matching == 7
        for server in servers:
            server.failure = Failure(code="overloaded")
        with pytest.raises(HalftoneError) as caught:
            await fetch_rows(pool, RowsRequest(), "key", PATIENT_S)
        assert caught.value.code == "overloaded"
        assert sum(len(server.rows_asked) for server in servers) == 4


async def test_what_is_wrong_is_not_tried_elsewhere() -> None:
    async with pooled(2) as (pool, servers):
        for server in servers:
            server.failure = Failure(code="unknown_column", field="sort.column", detail="no such column")
        with pytest.raises(HalftoneError) as caught:
            await fetch_rows(pool, RowsRequest(), "key", PATIENT_S)
        error = caught.value
        assert (error.code, error.field, error.detail) == ("unknown_column", "sort.column", "no such column")
        assert sum(len(server.rows_asked) for server in servers) == 1


async def test_a_deadline_and_a_service_that_goes_away() -> None:
    async with pooled(1) as (pool, [server]):
        server.gate.clear()
        with pytest.raises(HalftoneError) as caught:
            await fetch_rows(pool, RowsRequest(), "key", 0.05)
        assert caught.value.code == "deadline_exceeded"
        asked = asyncio.create_task(fetch_rows(pool, RowsRequest(), "key", PATIENT_S))
        await eventually(lambda: len(server.rows_asked) == 2)
        await server.stop()
        with pytest.raises(HalftoneError) as caught:
            await asked
        assert caught.value.code == "compute_unavailable"
        with pytest.raises(HalftoneError) as caught:
            await fetch_rows(pool, RowsRequest(), "key", PATIENT_S)
        assert caught.value.code == "compute_unavailable"


def test_an_error_without_a_code_is_that_of_its_status() -> None:
    nothing = grpc.aio.Metadata()
    lost = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, nothing, nothing)
    assert refusal(lost).code == "compute_unavailable"
    odd = grpc.aio.AioRpcError(grpc.StatusCode.DATA_LOSS, nothing, grpc.aio.Metadata(("halftone-code", "nonsense")))
    assert refusal(odd).code == "internal"
    said = grpc.aio.Metadata(("halftone-code", "overloaded"), ("grpc-retry-pushback-ms", "500"))
    assert refusal(grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, nothing, said)).retry_after_ms == 500
