"""Pieces shared by way of a real Redis, which may be slow or gone at any time."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from gateway_rig.redis import client_of, redis_server
from gateway_rig.waiting import eventually
from halftone_gateway.metrics import REGISTRY
from halftone_gateway.pieces import shared_cache
from halftone_gateway.pieces.cache import Scope
from halftone_gateway.pieces.shared_cache import SharedCache, unwrapped, within, wrapped
from halftone_servicekit.testing_servers import Redis

ALL = Scope("v", "everything")
SOME = Scope("v", "some rows")
A, B = b"a" * 16, b"b" * 16


GET_S = shared_cache.GET_S
PATIENT_S = 20.0


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis runs on a machine that may stand still for a while."""
    monkeypatch.setattr(shared_cache, "GET_S", PATIENT_S)
    monkeypatch.setattr(shared_cache, "PUT_S", PATIENT_S)


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def redis(shared_redis: Redis) -> Redis:
    """Empty, and running."""
    async with client_of(shared_redis) as client:
        await client.flushall()
    return shared_redis


@asynccontextmanager
async def cache_of(redis: Redis, ttl_s: float = 60.0) -> AsyncIterator[SharedCache]:
    cache = SharedCache(redis.url, ttl_s)
    task = asyncio.create_task(cache.run())
    try:
        yield cache
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await cache.close()


def counted(what: str, outcome: str) -> float:
    return REGISTRY.get_sample_value(f"halftone_gateway_shared_cache_{what}_total", {"outcome": outcome}) or 0.0


async def written(count: int = 1) -> None:
    """Waits until so many more pieces have been written."""
    before = counted("writes", "ok")
    await eventually(lambda: counted("writes", "ok") >= before + count)


@pytest.mark.parametrize("scope", [ALL, Scope("", ""), Scope("v\neverything", "")])
def test_a_value_is_for_its_own_piece_and_scope(scope: Scope) -> None:
    value = wrapped(A, scope, b"piece")
    assert unwrapped(value, A, scope) == b"piece"
    assert unwrapped(value, B, scope) is None
    assert unwrapped(value, A, SOME) is None
    assert unwrapped(value[:20], A, scope) is None
    assert unwrapped(b"", A, scope) is None


async def test_one_gateway_finds_what_another_made(redis: Redis) -> None:
    async with cache_of(redis) as one, cache_of(redis) as other:
        one.put(A, ALL, b"piece")
        await written()
        assert await other.get([B, A], ALL) == {A: b"piece"}


async def test_a_piece_of_another_scope_is_not_given(redis: Redis) -> None:
    async with cache_of(redis) as cache:
        cache.put(A, ALL, b"secret")
        await written()
        assert await cache.get([A], SOME) == {}


async def test_what_others_wrote_under_the_key_is_not_taken(redis: Redis) -> None:
    async with cache_of(redis) as cache, client_of(redis) as client:
        for value in ("", "something", wrapped(B, ALL, b"another piece")):
            await client.set(f"halftone:piece:{A.hex()}", value)
            assert await cache.get([A], ALL) == {}


async def test_pieces_are_not_kept_for_ever(redis: Redis) -> None:
    async with cache_of(redis, ttl_s=500) as cache, client_of(redis) as client:
        cache.put(A, ALL, b"piece")
        await written()
        assert 400 < await client.ttl(f"halftone:piece:{A.hex()}") <= 500


async def test_a_slow_redis_is_a_miss_and_its_late_reply_is_dropped(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cache_of(redis) as cache:
        cache.put(A, ALL, b"piece of a")
        cache.put(B, ALL, b"piece of b")
        await written(2)
        with redis.frozen(), monkeypatch.context() as patch:
            patch.setattr(shared_cache, "GET_S", GET_S)
            waits = []
            for _ in range(3):
                started = time.perf_counter()
                assert await cache.get([A], ALL) == {}
                waits.append(time.perf_counter() - started)
            # The machine may have stood still in one of them.
            assert min(waits) < PATIENT_S / 2
        for _ in range(20):
            assert await cache.get([B], ALL) == {B: b"piece of b"}


async def test_a_call_that_ignores_its_cancellation_still_times_out() -> None:
    ended = asyncio.Event()

    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(PATIENT_S)
        await ended.wait()

    async with asyncio.timeout(PATIENT_S / 2):
        with pytest.raises(TimeoutError):
            await within(0.01, deaf())
    ended.set()


async def test_a_cancelled_look_leaves_no_reply_behind(redis: Redis) -> None:
    async with cache_of(redis) as cache:
        cache.put(A, ALL, b"piece of a")
        cache.put(B, ALL, b"piece of b")
        await written(2)
        with redis.frozen():
            looks = [asyncio.create_task(cache.get([A], ALL)) for _ in range(8)]
            await asyncio.sleep(0.02)
            for look in looks:
                look.cancel()
            await asyncio.wait(looks, timeout=0.1)
        # redis-py loses the cancelling of one whose command has been written in this moment: it gets its reply now.
        await asyncio.gather(*looks, return_exceptions=True)
        for _ in range(20):
            assert await cache.get([B], ALL) == {B: b"piece of b"}


async def test_a_lost_redis_is_left_alone_and_found_again() -> None:
    with redis_server() as redis:
        async with cache_of(redis) as cache:
            cache._breaker._open_s = 600.0
            cache.put(A, ALL, b"piece")
            await written()
            redis.stop()
            errors = counted("lookups", "error")
            for _ in range(3):
                assert await cache.get([A], ALL) == {}
            assert counted("lookups", "error") == errors + 3
            assert not cache.is_up
            left_out = counted("writes", "left_out")
            cache.put(B, ALL, b"piece")
            assert counted("writes", "left_out") == left_out + 1
            redis.start()
            # The time for which it is left alone is over.
            cache._breaker._until = 0.0
            await eventually(lambda: cache.is_up)
            cache.put(B, ALL, b"piece")
            await written()
            assert await cache.get([A, B], ALL) == {B: b"piece"}


async def test_what_waits_is_bounded(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_cache, "PIECE_BYTES", 100)
    monkeypatch.setattr(shared_cache, "QUEUE_BYTES", 250)
    cache = SharedCache(redis.url, 60)
    left_out = counted("writes", "left_out")
    cache.put(A, ALL, bytes(101))
    assert counted("writes", "left_out") == left_out + 1
    for number in range(5):
        cache.put(bytes([number]) * 16, ALL, bytes(100))
    assert counted("writes", "left_out") == left_out + 5
    # The same piece again takes no more room.
    cache.put(bytes(16), ALL, b"")
    task = asyncio.create_task(cache.run())
    await written()
    cache.put(A, ALL, bytes(100))
    await written()
    task.cancel()
    await cache.close()


async def test_a_gateway_of_an_earlier_release_does_not_find_what_it_does_not_read(redis: Redis) -> None:
    packed = replace(ALL, packed=True)
    async with cache_of(redis) as cache, client_of(redis) as client:
        cache.put(A, packed, b"less")
        await written()
        assert await cache.get([A], packed) == {A: b"less"}
        assert await cache.get([A], ALL) == {}
        assert await client.get(f"halftone:piece:{A.hex()}") is None
