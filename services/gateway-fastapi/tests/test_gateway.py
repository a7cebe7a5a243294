"""The parts of the process together."""

import pytest
from fastapi import FastAPI
from gateway_rig.auth import AuthServer
from gateway_rig.client import viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import Rig, running
from gateway_rig.waiting import eventually
from halftone.v1 import session_pb2 as pb
from halftone_gateway.gateway import gateway_of


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
