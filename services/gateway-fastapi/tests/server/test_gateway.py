"""The parts of the process together."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI
from gateway_rig.auth import AuthServer
from gateway_rig.client import Client, viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.kubernetes import CONFIG
from gateway_rig.redis import redis_server
from gateway_rig.rig import PATIENT_S, Rig, running
from gateway_rig.waiting import DEADLINE_S, eventually
from halftone.v1 import session_pb2 as pb
from halftone_gateway.compute.discovery.dns import DnsSource
from halftone_gateway.compute.discovery.kubernetes import KubernetesSource
from halftone_gateway.compute.discovery.source import StaticSource
from halftone_gateway.metrics import REGISTRY
from halftone_gateway.pieces import shared_cache
from halftone_gateway.server.gateway import gateway_of, source_of
from halftone_gateway.settings import GatewaySettings
from pydantic import SecretStr


async def test_a_compute_service_that_was_away_for_long_answers_when_it_is_back(
    auth: AuthServer, compute: ComputeServer
) -> None:
    async with running(auth, compute, gateway_compute_wait_s=0.1) as rig, rig.client() as client:
        await client.open()
        await client.frame(1)
        await compute.stop()
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 7, 0, 7)))
        error = await client.error()
        assert (error.code, error.seq) == ("compute_unavailable", 2)
        await compute.start()
        assert await client.frame(2), "without being asked again"


async def test_what_was_started_is_ended(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute) as rig:
        await eventually(lambda: rig.gateway.pool.connected == 1)
        gateway = rig.gateway
    assert gateway.pool.connected == 0


async def test_without_a_service_token_no_events_are_read(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, service_token=None) as rig, rig.client() as client:
        await client.open()
        assert await client.frame(1)


def test_an_app_that_has_not_started_has_no_gateway(rig: Rig) -> None:
    assert gateway_of(rig.server._app) is rig.gateway
    app = FastAPI()
    app.state.gateway = None
    with pytest.raises(TypeError):
        gateway_of(app)


def test_the_source_is_the_one_that_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert isinstance(source_of(GatewaySettings()), StaticSource)
    assert isinstance(source_of(GatewaySettings(compute_discovery="dns")), DnsSource)
    (tmp_path / "config").write_text(CONFIG.format(server="http://127.0.0.1:9"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    source = source_of(GatewaySettings(compute_discovery="kubernetes", kubernetes_namespace="halftone"))
    assert isinstance(source, KubernetesSource)
    assert source.namespace == "halftone"


async def test_a_piece_that_one_gateway_made_is_shown_by_another(
    auth: AuthServer, compute: ComputeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_cache, "GET_S", PATIENT_S)
    monkeypatch.setattr(shared_cache, "PUT_S", PATIENT_S)
    before = written()
    with redis_server() as redis:
        cache = SecretStr(redis.url)
        async with running(auth, compute, cache_url=cache) as one, one.client() as client:
            await client.open()
            await client.frame(1)
            await eventually(lambda: written() >= before + 4)
        async with running(auth, compute, cache_url=cache) as other, other.client() as client:
            await client.open()
            frames = await client.frame(1)
            receipt = frames[-1].receipt
            assert (receipt.backend, receipt.pieces_cached, receipt.pieces_total) == ("cache", 4, 4)
            assert len(compute.asks) == 1
            redis.stop()
            await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 7, 0, 7)))
            assert await client.frame(2), "without Redis it is made"


async def test_a_drain_is_spread_over_its_time(
    auth: AuthServer, compute: ComputeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(auth, compute, gateway_drain_s=2.0) as rig, AsyncExitStack() as stack:
        people = [await stack.enter_async_context(rig.client(subject=f"p{number}")) for number in range(10)]
        told: list[float] = []
        ends: list[float] = []
        pauses: list[float] = []
        pause = rig.gateway._pause

        async def noted(seconds: float, is_hurried: Callable[[], bool]) -> None:
            pauses.append(seconds)
            await pause(seconds, is_hurried)

        monkeypatch.setattr(rig.gateway, "_pause", noted)

        async def leave(client: Client) -> None:
            notice = (await client.until("notice")).notice
            assert notice.code == pb.NOTICE_CODE_DRAINING
            assert notice.reconnect_after_ms <= 250
            told.append(rig.gateway.now())
            assert await client.close_code() == 1012
            ends.append(rig.gateway.now())

        async with asyncio.TaskGroup() as group:
            group.create_task(rig.gateway.drain())
            for client in people:
                group.create_task(leave(client))
        assert max(ends) - min(ends) > 0.5
        assert min(ends) < max(told), "no notice comes long before its close"
        assert sum(pauses) <= 2.0
        assert REGISTRY.get_sample_value("halftone_gateway_draining") == 1


async def test_who_is_in_a_hurry_need_not_wait(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_drain_s=6000.0) as rig, rig.client() as client:
        async with asyncio.timeout(DEADLINE_S):
            await rig.gateway.drain(lambda: True)
            assert await client.close_code() == 1012


def written() -> float:
    """Pieces in the shared cache."""
    return REGISTRY.get_sample_value("halftone_gateway_shared_cache_writes_total", {"outcome": "ok"}) or 0.0
