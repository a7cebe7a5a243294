"""Fixtures: the real application behind real servers, one set for each test."""

from collections.abc import AsyncIterator

import pytest
from gateway_rig.auth import AuthServer
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import Rig, running


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
