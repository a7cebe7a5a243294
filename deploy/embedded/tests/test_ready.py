import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from launcher import ready
from launcher.settings import Settings


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may let a server wait for longer than a probe does: the launcher asks again, a test does not."""
    monkeypatch.setattr(ready, "PROBE_SECONDS", 60)


@pytest.fixture
def health_port() -> Iterator[tuple[int, health.HealthServicer]]:
    server = grpc.server(ThreadPoolExecutor(1))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port, servicer
    server.stop(None).wait()


@pytest.fixture
def web_port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_http(web_port: int, free_port: int) -> None:
    assert ready.http_ok(f"http://127.0.0.1:{web_port}/")
    assert not ready.http_ok(f"http://127.0.0.1:{web_port}/no-such-page")
    assert not ready.http_ok(f"http://127.0.0.1:{free_port}/")


def test_grpc(health_port: tuple[int, health.HealthServicer], free_port: int) -> None:
    port, servicer = health_port
    assert not ready.grpc_serving(f"127.0.0.1:{port}")
    servicer.set("ready", health_pb2.HealthCheckResponse.NOT_SERVING)
    assert not ready.grpc_serving(f"127.0.0.1:{port}")
    servicer.set("ready", health_pb2.HealthCheckResponse.SERVING)
    assert ready.grpc_serving(f"127.0.0.1:{port}")
    assert not ready.grpc_serving(f"127.0.0.1:{free_port}")


def test_every_program_is_waited_for(settings: Settings) -> None:
    assert set(ready.probes(settings)) == {"auth", "compute", "gateway", "web", "worker"}


def test_waiting_ends_in_time(settings: Settings) -> None:
    impatient = settings.model_copy(update={"start_seconds": 0})
    with pytest.raises(ready.StartFailedError, match="auth was not ready within 0 s"):
        ready.wait({"auth": lambda: False}, impatient, lambda: True)


def test_the_end_of_supervisord_ends_the_waiting(settings: Settings) -> None:
    with pytest.raises(ready.StartFailedError, match="supervisord ended"):
        ready.wait({"auth": lambda: False}, settings, lambda: False)
