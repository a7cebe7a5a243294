"""Fixtures of the compute service's tests."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from compute_rig.rig import Rig, Serving
from compute_rig.tokens import JwksServer, Signer


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="session")
def jwks(signer: Signer) -> Iterator[JwksServer]:
    with JwksServer(signer) as server:
        yield server


@pytest.fixture
def rig(signer: Signer, jwks: JwksServer) -> Rig:
    return Rig(signer, jwks)


@pytest.fixture
async def serving(rig: Rig) -> AsyncIterator[Serving]:
    async with rig.serving() as running:
        yield running
