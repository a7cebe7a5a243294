"""A real auth stand-in, and workers that are stopped whatever happens."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import ingest_rig
import pytest
from halftone_compute.ingest.jobs.client import JobsClient
from halftone_compute.ingest.jobs.worker import Worker
from halftone_compute.ingest.jobs.workspace import Workspace
from ingest_rig.auth_server import SERVICE_TOKEN, AuthServer
from ingest_rig.limits import LIMITS
from ingest_rig.processes import reading_children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def auth() -> Iterator[AuthServer]:
    server = AuthServer()
    yield server
    server.close()


@pytest.fixture
def client(auth: AuthServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobsClient]:
    # The server is a thread of this process, which may wait for its turn.
    monkeypatch.setattr("halftone_compute.ingest.jobs.client._TIMEOUT_SECONDS", 60.0)
    with JobsClient(auth.url, SERVICE_TOKEN, "tester") as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, LIMITS, 8 << 30)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Children that read a file of two columns stop in the middle of it, until they get SIGCONT."""
    paths = [str(Path(ingest_rig.__file__).parent / "held"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    yield
    for child in reading_children():
        os.kill(child, signal.SIGKILL)


@pytest.fixture
def start_worker(client: JobsClient, workspace: Workspace) -> Iterator[Callable[[], Worker]]:
    workers: list[Worker] = []

    def start() -> Worker:
        worker = Worker(client, workspace, claim_seconds=0.1)
        worker.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.stop(0.0)
