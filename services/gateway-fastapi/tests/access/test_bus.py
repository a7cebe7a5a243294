"""Waking by a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from gateway_rig.auth import ANN, AuthServer
from gateway_rig.compute import ComputeServer
from gateway_rig.redis import client_of, redis_server
from gateway_rig.rig import running
from gateway_rig.waiting import DEADLINE_S, eventually
from halftone_gateway.access import bus
from halftone_gateway.access.bus import CHANNEL, Bus
from halftone_servicekit.testing_servers import Redis
from pydantic import SecretStr


@asynccontextmanager
async def listening(redis: Redis) -> AsyncIterator[list[None]]:
    wakes: list[None] = []
    task = asyncio.create_task(Bus(redis.url, lambda: wakes.append(None)).run())
    try:
        yield wakes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def publish(redis: Redis) -> None:
    async with client_of(redis) as client:
        await client.publish(CHANNEL, "17")


async def test_every_message_wakes_and_so_does_a_new_connection() -> None:
    with redis_server() as redis:
        async with listening(redis) as wakes:
            await eventually(lambda: len(wakes) == 1)
            await publish(redis)
            await eventually(lambda: len(wakes) == 2)
            redis.stop()
            redis.start()
            await eventually(lambda: len(wakes) == 3)
            await publish(redis)
            await eventually(lambda: len(wakes) == 4)


async def test_a_silent_connection_is_asked_and_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "_PING_S", 0.02)
    monkeypatch.setattr(bus, "_PONG_S", 60.0)
    with redis_server() as redis:
        async with listening(redis) as wakes, client_of(redis) as client:
            await eventually(lambda: len(wakes) == 1)

            async def pings() -> int:
                stats = await client.info("commandstats")
                return int(stats.get("cmdstat_ping", {}).get("calls", 0))

            async with asyncio.timeout(DEADLINE_S):
                while await pings() < 3:  # noqa: ASYNC110 - counted by the server
                    await asyncio.sleep(0.01)
            assert len(wakes) == 1, "the same connection"


async def test_a_revocation_takes_effect_at_once(auth: AuthServer, compute: ComputeServer) -> None:
    with redis_server() as redis:
        url = SecretStr(redis.url)
        async with running(auth, compute, bus_url=url, gateway_events_interval_s=60.0) as rig, rig.client() as client:
            await eventually(lambda: auth.event_calls >= 2)
            auth.emit("user_revoked", user_id=ANN)
            await publish(redis)
            assert await client.close_code() == 4403


async def test_a_message_gives_a_held_request_up(auth: AuthServer, compute: ComputeServer) -> None:
    # Another replica of auth holds the request, and does not see the event.
    auth.holds, auth.sees_own_events = True, False
    with redis_server() as redis:
        async with running(auth, compute, bus_url=SecretStr(redis.url)) as rig, rig.client() as client:
            await eventually(lambda: len(auth.held) == 1)
            auth.emit("user_revoked", user_id=ANN)
            await publish(redis)
            assert await client.close_code() == 4403
            await eventually(lambda: len(auth.held) == 1)


async def test_without_its_redis_the_gateway_polls_as_ever(auth: AuthServer, compute: ComputeServer) -> None:
    url = SecretStr("redis://127.0.0.1:9/0")
    async with running(auth, compute, bus_url=url) as rig, rig.client() as client:
        await eventually(lambda: auth.event_calls >= 2)
        auth.emit("user_revoked", user_id=ANN)
        assert await client.close_code() == 4403
