"""Two edges over the same app and the same services: nginx, and the embedded profile's Node server."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.e2e.product import ROOT, free_ports, wait_until

from .echo import echo
from .rig import PATIENCE_S, Edge, build, get, node


@contextmanager
def node_server(dist: Path, auth: str, gateway: str, trusted: str = "") -> Iterator[str]:
    """The embedded profile's web server; its origin."""
    (port,) = free_ports(1)
    settings = {
        "HALFTONE_WEB_PORT": str(port),
        "HALFTONE_WEB_DIST": str(dist),
        "HALFTONE_AUTH_URL": f"http://{auth}",
        "HALFTONE_GATEWAY_URL": f"http://{gateway}",
        "HALFTONE_TRUSTED_PROXIES": trusted,
    }
    process = subprocess.Popen([node(), ROOT / "frontend/server/main.ts"], env={**os.environ, **settings})
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None
        try:
            return get(url).is_success
        except httpx2.TransportError:
            return False

    try:
        wait_until(answers, "the Node server's first answer")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


@contextmanager
def running(edge: Edge) -> Iterator[Edge]:
    """An nginx that answers, until the end of the block."""
    try:
        edge.start()
        yield edge
    finally:
        edge.stop()


def nginx(dist: Path, auth: str, gateway: str, **site: str) -> AbstractContextManager[Edge]:
    """nginx in front of two services."""
    return running(Edge(dist, {"auth": auth, "gateway": gateway, **site}))


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built app in miniature."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """A service that tells what it was asked."""
    with echo() as address:
        yield address


@pytest.fixture(scope="module")
def nowhere() -> str:
    """An address that nothing listens on."""
    return f"127.0.0.1:{free_ports(1)[0]}"


@pytest.fixture(scope="module")
def edges(dist: Path, service: str, nowhere: str) -> Iterator[dict[str, str]]:
    """Origins of both, with auth there and the gateway away."""
    with node_server(dist, service, nowhere) as url, nginx(dist, service, nowhere) as edge:
        yield {"node": url, "nginx": edge.url}


@pytest.fixture(scope="module")
def believing(dist: Path, service: str, nowhere: str) -> Iterator[dict[str, str]]:
    """Origins of both when the peer is a trusted proxy."""
    with (
        node_server(dist, service, nowhere, trusted="127.0.0.0/8") as url,
        nginx(dist, service, nowhere, trusted="127.0.0.0/8 1;") as edge,
    ):
        yield {"node": url, "nginx": edge.url}
