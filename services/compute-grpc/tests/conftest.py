"""Fixtures of the compute service's tests."""

import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from compute_rig.rig import Rig, Serving
from compute_rig.tokens import JwksServer, Signer
from halftone_servicekit.storage import Storage, open_storage
from halftone_servicekit.testing_objects import ObjectStore
from halftone_servicekit.testing_servers import ServerMissingError


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="session")
def jwks(signer: Signer) -> Iterator[JwksServer]:
    with JwksServer(signer) as server:
        yield server


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    try:
        store = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with store:
        yield store


@pytest.fixture
def bucket(object_store: ObjectStore) -> Iterator[Storage]:
    """A part of a real object store, for one test."""
    storage = open_storage(object_store.address(str(uuid.uuid4())))
    yield storage
    storage.close()


@pytest.fixture
def rig(signer: Signer, jwks: JwksServer) -> Rig:
    return Rig(signer, jwks)


@pytest.fixture
async def serving(rig: Rig) -> AsyncIterator[Serving]:
    async with rig.serving() as running:
        yield running
