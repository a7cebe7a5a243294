"""Fixtures of the compute service's tests."""

import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from compute_rig.rig import Rig, Serving
from compute_rig.tokens import JwksServer, Signer
from compute_rig.waiting import PATIENCE_S
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
    storage = open_storage(object_store.address(str(uuid.uuid4())), PATIENCE_S)
    yield storage
    storage.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs out of time because the machine does other things: only a test about a time sets a short one."""
    monkeypatch.setattr("halftone_servicekit.jwks.TIMEOUT_S", PATIENCE_S)
    for module in ("render.job", "serve.servicer", "serve.stream"):
        monkeypatch.setattr(f"halftone_compute.{module}.MAX_DEADLINE_MS", int(2 * PATIENCE_S * 1000))


@pytest.fixture
def rig(signer: Signer, jwks: JwksServer, patient: None) -> Rig:
    return Rig(signer, jwks)


@pytest.fixture
async def serving(rig: Rig) -> AsyncIterator[Serving]:
    async with rig.serving() as running:
        yield running
