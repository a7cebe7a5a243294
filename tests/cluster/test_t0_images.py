"""Each image starts as a restricted pod would have it, does its first piece of work, and ends at the signal to end."""

import contextlib
import random
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from .bundle import Started, running
from .until import until

pytestmark = pytest.mark.cluster

# Our kernels, and what a kernel of CuPy's own would include, for a card that need not be there.
COMPILE = """
from glob import glob
import cupy
from cupy.cuda import nvrtc
from halftone_compute.backends.card import kernels_cu
site = cupy.__path__[0]
folders = [f"{site}/_core/include", *glob(f"{site}/_core/include/cupy/_cccl/*"), *glob(f"{site}/../nvidia/*/include")]
included = "#include <cupy/complex.cuh>\\n#include <cuda_fp16.h>\\n"
theirs = ("-std=c++17", *(f"-I{folder}" for folder in folders))
for source, options in ((kernels_cu.source(), kernels_cu.OPTIONS), (included, theirs)):
    program = nvrtc.createProgram(source, "kernels.cu", (), ())
    nvrtc.compileProgram(program, ("--gpu-architecture=sm_80", *options))
    print("compiled", len(nvrtc.getCUBIN(program)))
"""
NO_DRIVER = "cudaErrorInsufficientDriver"


@pytest.fixture
def port() -> int:
    """A free port outside the range that the system assigns from: it is bound a while later."""
    for number in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", number))
            return number
    raise AssertionError("no free port")


def page(port: int, path: str, coding: str = "identity") -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": coding})
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the address is ours
        return bytes(answer.read())


def health(port: int, service: str) -> bool:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        reply = check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


def answered(started: Started, ask: Callable[[], object]) -> bool:
    assert started.process.poll() is None, started.said()
    try:
        return bool(ask())
    except (OSError, grpc.RpcError):
        return False


def test_auth_prepares_its_database() -> None:
    first = {"HALFTONE_ADMIN_EMAIL": "admin@example.org", "HALFTONE_ADMIN_PASSWORD": "a long enough password"}
    with running("auth", "python", "-m", "halftone_auth", "prepare", environment=first) as prepare:
        assert prepare.process.wait(300) == 0, prepare.said()


def test_auth_answers(port: int) -> None:
    serve = ("python", "-m", "halftone_auth.serve", "--port", str(port))
    with running("auth", *serve, environment={"HALFTONE_SECRET_KEY": "0123456789" * 5}) as auth:
        until(lambda: answered(auth, lambda: page(port, "/healthz")), "auth answers", 240)
        assert auth.stop() == 0


def test_gateway_answers(port: int) -> None:
    own = {"HALFTONE_GATEWAY_HOST": "127.0.0.1", "HALFTONE_GATEWAY_PORT": str(port)}
    with running("gateway", environment=own) as gateway:
        until(lambda: answered(gateway, lambda: page(port, "/healthz")), "the gateway answers", 240)
        assert gateway.stop() == 0


def test_compute_gets_ready_and_keeps_what_it_compiled(port: int) -> None:
    own = {"HALFTONE_COMPUTE_HOST": "127.0.0.1", "HALFTONE_COMPUTE_HEALTH_PORT": str(port)}
    free = {"HALFTONE_COMPUTE_PORT": "0", "HALFTONE_COMPUTE_METRICS_PORT": "0"}
    with running("compute-cpu", environment=own | free) as compute:
        until(lambda: answered(compute, lambda: health(port, "live")), "compute is live", 240)
        until(lambda: answered(compute, lambda: health(port, "ready")), "compute is ready", 240)
        assert "numba" in compute.files("/var/lib/halftone/cache")
        assert compute.stop() == 0


def test_compute_for_cards_can_compile_for_them() -> None:
    with running("compute-cuda12", "python", "-c", COMPILE) as compiler:
        status = compiler.process.wait(300)
        said = compiler.said()
        assert (status, said.count("compiled")) == (0, 2), said


def test_compute_for_cards_draws_on_processors_where_there_is_none(port: int) -> None:
    own = {"HALFTONE_COMPUTE_HOST": "127.0.0.1", "HALFTONE_COMPUTE_HEALTH_PORT": str(port)}
    free = {"HALFTONE_COMPUTE_PORT": "0", "HALFTONE_COMPUTE_METRICS_PORT": "0"}
    with running("compute-cuda12", environment=own | free) as compute:
        until(lambda: answered(compute, lambda: health(port, "ready")), "compute is ready", 240)
        assert compute.stop() == 0
        said = compute.said()
    (ready,) = [line for line in said.splitlines() if '"event": "ready"' in line]
    assert '"backend": "cpu"' in ready
    assert NO_DRIVER in said


def test_compute_that_is_held_to_a_card_ends_where_there_is_none() -> None:
    own = {"HALFTONE_COMPUTE_BACKEND": "gpu", "HALFTONE_COMPUTE_HOST": "127.0.0.1"}
    with running("compute-cuda12", environment=own | {"HALFTONE_COMPUTE_METRICS_PORT": "0"}) as compute:
        assert compute.process.wait(300) == 1
        assert NO_DRIVER in compute.said()


def test_the_ingest_worker_starts() -> None:
    with running(
        "compute-cpu", "python", "-c", "import halftone_compute.ingest.jobs.worker, pyarrow.parquet"
    ) as worker:
        assert worker.process.wait(300) == 0, worker.said()


def test_web_serves_the_app_compressed(port: int, tmp_path: Path) -> None:
    listen = tmp_path / "listen.conf"
    listen.write_text(f"listen 127.0.0.1:{port};\n")
    with running("web", binds={listen: "/etc/halftone/listen.conf"}) as web:
        until(lambda: answered(web, lambda: page(port, "/healthz")), "nginx answers", 120)
        plain = page(port, "/")
        assert b"<html" in plain
        assert page(port, "/", "gzip")[:2] == b"\x1f\x8b"
        assert 0 < len(page(port, "/", "br")) < len(plain)
        assert web.stop("QUIT") == 0
