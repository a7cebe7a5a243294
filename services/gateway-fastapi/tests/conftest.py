"""Fixtures: the real application behind real servers, one set for each test."""

from collections.abc import AsyncIterator

import pytest
from gateway_rig.auth import AuthServer
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import PATIENT_S, Rig, running
from halftone_gateway.access import auth_client
from halftone_servicekit import jwks


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The auth service of a test runs in its own event loop, on a machine that may stand still for a while."""
    monkeypatch.setattr(auth_client, "_TIMEOUT_S", PATIENT_S)
    monkeypatch.setattr(jwks, "TIMEOUT_S", PATIENT_S)


@pytest.fixture
async def auth() -> AsyncIterator[AuthServer]:
    async with AuthServer().serve() as server:
        yield server


@pytest.fixture
async def compute() -> AsyncIterator[ComputeServer]:
    async with ComputeServer().serve() as server:
        yield server


@pytest.fixture
async def rig(auth: AuthServer, compute: ComputeServer) -> AsyncIterator[Rig]:
    async with running(auth, compute) as made:
        yield made


@pytest.fixture
def sampling(compute: ComputeServer) -> ComputeServer:
    """A compute service that answers first from one row in four, and then waits."""
    compute.fraction, compute.shares = 0.25, (0.5,)
    compute.gate.clear()
    return compute
