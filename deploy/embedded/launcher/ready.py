"""Waits until every service is ready, and gives up on one that keeps dying."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from launcher.processes import records
from launcher.settings import Settings

POLL_SECONDS = 0.1
PROBE_SECONDS = 2
# A program that ends this often while it starts has failed.
TOO_MANY_STARTS = 3

Probe = Callable[[], bool]


class StartFailedError(Exception):
    """A program did not come up; `name` is the program, and its log says why."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        super().__init__(f"{name} {reason}")


def probes(settings: Settings) -> dict[str, Probe]:
    """Program → a call that returns True once the program is ready."""
    return {
        "auth": lambda: http_ok(f"http://127.0.0.1:{settings.auth_port}/readyz"),
        "compute": lambda: grpc_serving(f"127.0.0.1:{settings.compute_port}"),
        "gateway": lambda: http_ok(f"http://127.0.0.1:{settings.gateway_port}/readyz"),
        "worker": lambda: http_ok(f"http://127.0.0.1:{settings.worker_metrics_port}/metrics"),
        "web": lambda: http_ok(f"http://127.0.0.1:{settings.web_port}/"),
    }


def http_ok(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=PROBE_SECONDS) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except OSError:
        return False


def grpc_serving(target: str) -> bool:
    """Whether the health service says SERVING for `ready`."""
    with grpc.insecure_channel(target) as channel:
        try:
            request = health_pb2.HealthCheckRequest(service="ready")
            stub = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(request, timeout=PROBE_SECONDS)  # type: ignore[attr-defined]  # the stubs leave it out
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def wait(waiting: Mapping[str, Probe], settings: Settings, supervisor_alive: Probe) -> None:
    """Waits until every probe returns True; raises StartFailedError for the first program that does not start."""
    left = dict(waiting)
    deadline = time.monotonic() + settings.start_seconds
    while left:
        if not supervisor_alive():
            raise StartFailedError("supervisord", "ended")
        for record in records(settings.run):
            if record.starts >= TOO_MANY_STARTS:
                raise StartFailedError(record.name, f"ended {record.starts - 1} times while starting")
        left = {name: probe for name, probe in left.items() if not probe()}
        if left and time.monotonic() > deadline:
            raise StartFailedError(next(iter(left)), f"was not ready within {settings.start_seconds} s")
        if left:
            time.sleep(POLL_SECONDS)
