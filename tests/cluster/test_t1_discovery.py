"""T1: the gateway finds compute services by the EndpointSlices of a real API server, with its own account's rights."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.compute.discovery.kubernetes import KubernetesSource, connect
from halftone_gateway.compute.discovery.slices import GONE, GoneError, Slices
from halftone_gateway.compute.discovery.watch import whole_lines

from .controlplane import ControlPlane, api_server, ready, running
from .until import until

pytestmark = pytest.mark.cluster

POOLS: Pools = (("compute-gpu:50051",), ("compute-cpu:50051",))
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "gateway"}}
RBAC = "rbac.authorization.k8s.io"
ROLE = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "Role",
    "metadata": {"name": "gateway"},
    "rules": [{"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]}],
}
BINDING = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "gateway"},
    "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "gateway"},
    "subjects": [{"kind": "ServiceAccount", "name": "gateway", "namespace": "default"}],
}


@pytest.fixture(scope="module")
def own() -> Iterator[ControlPlane]:
    """A control plane whose API server may be ended."""
    with running("discovery") as plane:
        plane.apply(ACCOUNT, ROLE, BINDING)
        yield plane


@pytest.fixture
def plane(own: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ControlPlane:
    """Without slices; KUBECONFIG is that of the gateway's account."""
    own.kubectl("delete", "endpointslices", "-l", "kubernetes.io/service-name")
    config = yaml.safe_load(own.outside.read_text())
    config["users"][0]["user"] = {"token": own.kubectl("create", "token", "gateway").strip()}
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    return own


def slice_of(service: str, name: str, *endpoints: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": service}},
        "addressType": "IPv4",
        "endpoints": list(endpoints),
        "ports": [{"name": "grpc", "port": 50051}],
    }


def pod(host: int, **conditions: bool) -> dict[str, Any]:
    return {"addresses": [f"10.1.0.{host}"], "conditions": conditions}


def at(*hosts: int) -> tuple[str, ...]:
    return tuple(f"10.1.0.{host}:50051" for host in hosts)


@asynccontextmanager
async def following() -> AsyncIterator[list[Pools]]:
    heard: list[Pools] = [()]
    task = asyncio.create_task(KubernetesSource(POOLS, "default").run(heard.append))
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def end(plane: ControlPlane) -> None:
    (server,) = [process for process in plane.namespace.processes() if process.name == "kube-apiserver"]
    server.end()
    assert not server.alive()


def begin(plane: ControlPlane) -> None:
    server = plane.spawn("kube-apiserver", api_server(plane.pki, "NodeRestriction"))
    until(lambda: ready(plane, server), "the API server answers", 120)


async def eventually(is_so: Callable[[], bool], seconds: float) -> None:
    await asyncio.to_thread(until, is_so, "what was heard", seconds, 0.02)


async def test_pods_come_and_go_within_two_seconds(plane: ControlPlane) -> None:
    plane.apply(slice_of("compute-cpu", "a", pod(1, ready=True)), slice_of("elsewhere", "x", pod(9)))
    async with following() as heard:
        await eventually(lambda: heard[-1] == ((), at(1)), 60)
        steps = [
            (slice_of("compute-cpu", "b", pod(2), pod(3, ready=False)), ((), at(1, 2))),
            (slice_of("compute-gpu", "g", pod(7)), (at(7), at(1, 2))),
            (slice_of("compute-cpu", "a", pod(1, ready=False, serving=True, terminating=True)), (at(7), at(2))),
        ]
        took = []
        for change, expected in steps:
            await asyncio.to_thread(plane.apply, change)
            started = time.monotonic()
            await eventually(lambda expected=expected: heard[-1] == expected, 25)  # type: ignore[misc]  # a bound lambda
            took.append(time.monotonic() - started)
        # The quickest: this machine may have stood still for a while.
        assert min(took) < 2
        await asyncio.to_thread(plane.kubectl, "delete", "endpointslice", "b")
        await eventually(lambda: heard[-1] == (at(7), ()), 25)


async def test_while_the_api_server_is_away_the_last_known_set_stays(plane: ControlPlane) -> None:
    plane.apply(slice_of("compute-cpu", "a", pod(1)))
    async with following() as heard:
        await eventually(lambda: heard[-1] == ((), at(1)), 60)
        await asyncio.to_thread(end, plane)
        assert heard[-1] == ((), at(1))
        await asyncio.to_thread(begin, plane)
        assert heard[-1] == ((), at(1))
        await asyncio.to_thread(plane.apply, slice_of("compute-cpu", "b", pod(2)))
        # The longest pause between two tries, and time to look.
        await eventually(lambda: heard[-1] == ((), at(1, 2)), 60)


def test_a_version_that_is_too_old_is_understood(plane: ControlPlane) -> None:
    plane.apply(slice_of("compute-cpu", "a", pod(1)))
    # One that has run since etcd was empty has forgotten nothing, and goes on from any version.
    end(plane)
    begin(plane)
    response = connect().list_namespaced_endpoint_slice(
        "default", watch=True, resource_version="1", timeout_seconds=60, _preload_content=False
    )
    if response.status != GONE:
        line = next(iter(whole_lines(response.stream(None))))
        with pytest.raises(GoneError):
            Slices().apply(yaml.safe_load(line))
    response.close()
