"""A real auth stand-in, and workers that are stopped whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from halftone_compute.ingest.client import JobsClient
from halftone_compute.ingest.confine import Limits
from halftone_compute.ingest.run import Bounds
from halftone_compute.ingest.worker import Worker

from .auth_server import SERVICE_TOKEN, AuthServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIMITS = Limits(memory=4 << 30, cpu_seconds=600, file_bytes=8 << 30)


@pytest.fixture
def auth() -> Iterator[AuthServer]:
    server = AuthServer()
    yield server
    server.close()


@pytest.fixture
def client(auth: AuthServer) -> Iterator[JobsClient]:
    with JobsClient(auth.url, SERVICE_TOKEN, "tester") as made:
        yield made


@pytest.fixture
def bounds(tmp_path: Path) -> Bounds:
    return Bounds(tmp_path, LIMITS, 8 << 30)


@pytest.fixture
def start_worker(client: JobsClient, bounds: Bounds) -> Iterator[Callable[[], Worker]]:
    workers: list[Worker] = []

    def start() -> Worker:
        worker = Worker(client, bounds, claim_seconds=0.1)
        worker.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.stop(0.0)
