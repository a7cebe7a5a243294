"""T2: nodes that go. A drain ends, one pod of a tier at a time, and replicas lie in several zones."""

from collections import Counter
from typing import Any

import pytest

from . import kwok
from .controlplane import ControlPlane
from .release import Release, is_ready, node_of
from .until import until

pytestmark = pytest.mark.cluster

VALUES: dict[str, Any] = {"autoscaling": {"mode": "off"}, "gateway": {"replicas": 3}, "authWorker": {"replicas": 1}}


@pytest.fixture
def release(fakes: ControlPlane, room: str) -> Release:
    """Three gateways, one worker, no autoscaler."""
    made = Release(fakes, room)
    made.install(VALUES)
    return made


def test_a_drain_ends_and_everything_comes_back(release: Release) -> None:
    node = node_of(release.pods("auth-worker")[0])
    plane = release.plane
    before = len(lasting(release))
    try:
        drained = plane.kubectl(
            "drain",
            node,
            "--ignore-daemonsets",
            "--delete-emptydir-data",
            "--timeout=300s",
            "--pod-selector=app.kubernetes.io/instance=halftone",
        )
        assert "drained" in drained
        until(lambda: len(found := lasting(release)) == before and all(map(is_ready, found)), "all are back")
        assert node not in {node_of(pod) for pod in release.get("pods") if not pod["metadata"].get("deletionTimestamp")}
    finally:
        plane.kubectl("uncordon", node)
        # The taint goes a little later, and until then pods would avoid it.
        until(lambda: kwok.is_ready(plane, node), f"{node} takes pods again")


def test_every_budget_lets_a_pod_go(release: Release) -> None:
    budgets = until(lambda: seen(release), "the controller has looked at every budget")
    assert "halftone-gateway" in budgets
    assert min(budgets.values()) == 1


def test_gateways_lie_in_every_zone(release: Release) -> None:
    zones = {node["metadata"]["name"]: node["metadata"]["labels"] for node in release.plane.get("nodes")}
    where = Counter(zones[node_of(pod)]["topology.kubernetes.io/zone"] for pod in release.pods("gateway"))
    assert sorted(where.values()) == [1, 1, 1]


def lasting(release: Release) -> list[dict[str, Any]]:
    """The pods that go on for ever, which those of a Job do not."""
    return [pod for pod in release.get("pods") if pod["metadata"]["ownerReferences"][0]["kind"] != "Job"]


def seen(release: Release) -> dict[str, int]:
    """How many pods each budget would let go now; empty until the controller has looked at all."""
    budgets = release.get("poddisruptionbudgets")
    allowed = {one["metadata"]["name"]: one["status"].get("disruptionsAllowed", 0) for one in budgets}
    return allowed if all(allowed.values()) else {}
