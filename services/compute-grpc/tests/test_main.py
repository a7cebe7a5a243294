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
from compute_rig.waiting import PATIENCE_S
from grpc_health.v1 import health_pb2


def started(tmp_path: Path, jwks: JwksServer, backend: str) -> subprocess.Popen[str]:
    own = {
        "HALFTONE_HOME": str(tmp_path),
        "HALFTONE_AUTH_URL": jwks.url,
        "HALFTONE_COMPUTE_PORT": "0",
        "HALFTONE_COMPUTE_METRICS_PORT": "0",
        "HALFTONE_COMPUTE_DRAIN_SECONDS": "1",
        "HALFTONE_COMPUTE_BACKEND": backend,
        # GPUs are hidden from whatever might find one.
        "CUDA_VISIBLE_DEVICES": "",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HALFTONE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "halftone_compute"],
        env={**inherited, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def process(tmp_path: Path, jwks: JwksServer) -> Iterator[subprocess.Popen[str]]:
    process = started(tmp_path, jwks, "auto")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def events(process: subprocess.Popen[str]) -> dict[str, dict[str, object]]:
    """The log events by name until the process is ready; it prints nothing but JSON."""
    assert process.stdout is not None
    found: dict[str, dict[str, object]] = {}
    for line in process.stdout:
        event = json.loads(line)
        found[event["event"]] = event
        if "ready" in found:
            return found
    raise AssertionError(f"ended with {process.wait()} before it was ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_a_signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    logged = events(process)
    # Without a GPU it works all the same, and says why.
    assert logged["engine"]["backend"] == "cpu"
    assert logged["engine"]["reason"]
    assert logged["ready"]["backend"] == "cpu"
    with grpc.insecure_channel(f"127.0.0.1:{logged['ready']['port']}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        reply = check(health_pb2.HealthCheckRequest(service="ready"), timeout=PATIENCE_S)
        assert reply.status == health_pb2.HealthCheckResponse.SERVING
    with urllib.request.urlopen(f"http://127.0.0.1:{logged['metrics']['port']}/metrics", timeout=PATIENCE_S) as answer:
        assert b"halftone_compute_slots " in answer.read()
    process.send_signal(number)
    assert process.wait(2 * PATIENCE_S) == 0


def test_a_card_that_must_be_there_and_is_not_ends_the_start_in_one_line(tmp_path: Path, jwks: JwksServer) -> None:
    with started(tmp_path, jwks, "gpu") as process:
        out, err = process.communicate(timeout=2 * PATIENCE_S)
    assert process.returncode == 1
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["level"], last["backend"]) == ("no_engine", "error", "gpu")
    assert last["reason"]
    assert "Traceback" not in out + err
