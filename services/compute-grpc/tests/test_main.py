"""`python -m halftone_compute` as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from compute_rig.tokens import JwksServer
from grpc_health.v1 import health_pb2


@pytest.fixture
def process(tmp_path: Path, jwks: JwksServer) -> Iterator[subprocess.Popen[str]]:
    own = {
        "HALFTONE_HOME": str(tmp_path),
        "HALFTONE_AUTH_URL": jwks.url,
        "HALFTONE_COMPUTE_PORT": "0",
        "HALFTONE_COMPUTE_METRICS_PORT": "0",
        "HALFTONE_COMPUTE_DRAIN_SECONDS": "1",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HALFTONE_")}
    started = subprocess.Popen(
        [sys.executable, "-m", "halftone_compute"], env={**inherited, **own}, stdout=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def ports(process: subprocess.Popen[str]) -> dict[str, object]:
    """The port of each log event until the process is ready; it prints nothing but JSON."""
    assert process.stdout is not None
    found: dict[str, object] = {}
    for line in process.stdout:
        event = json.loads(line)
        found[event["event"]] = event.get("port")
        if "ready" in found:
            return found
    raise AssertionError(f"ended with {process.wait()} before it was ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_a_signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    port = ports(process)
    with grpc.insecure_channel(f"127.0.0.1:{port['ready']}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        reply = check(health_pb2.HealthCheckRequest(service="ready"), timeout=10)
        assert reply.status == health_pb2.HealthCheckResponse.SERVING
    with urllib.request.urlopen(f"http://127.0.0.1:{port['metrics']}/metrics", timeout=10) as answer:
        assert b"halftone_compute_slots " in answer.read()
    process.send_signal(number)
    assert process.wait(30) == 0
