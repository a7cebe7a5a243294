"""T2: two tiers that scale apart, each by ceil(current x value / target), on the real autoscaler.

Only the windows and the size of a step are shorter than the chart's own, by its values; formula and tolerance are those
of the controller. Targets: 300 sockets for each gateway, 0.7 of its slots for each pod with a card.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from . import kwok
from .controlplane import ControlPlane
from .formula import Rows, follow
from .metrics import Metrics, Spread
from .release import Release, selector
from .rooms import restricted_namespace
from .until import throughout, until

pytestmark = pytest.mark.cluster

STEP = {"selectPolicy": "Max", "policies": [{"type": "Pods", "value": 100, "periodSeconds": 1}]}
# Pods that stay when others end carry more only after the next scrape. A window covers that, here as in earnest.
AT_ONCE = {"scaleUp": STEP | {"stabilizationWindowSeconds": 0}, "scaleDown": STEP | {"stabilizationWindowSeconds": 4}}
SMALL = {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}
VALUES: dict[str, Any] = {
    "autoscaling": {"mode": "custom"},
    "gpu": {"enabled": True},
    "gateway": {"autoscaling": {"behavior": AT_ONCE}},
    "computeGpu": {"autoscaling": {"max": 8, "behavior": AT_ONCE}, "resources": SMALL},
    "computeCpu": {"autoscaling": {"behavior": AT_ONCE}},
}
CARD = "nvidia.com/gpu"
GATEWAY_TARGET = 300_000
COMPUTE_TARGET = 700


@dataclass
class Tiers:
    """A release with both tiers under load that a test sets."""

    release: Release
    metrics: Metrics
    gateway: Spread
    compute: Spread

    def set(self, component: str, pods: int, value: int) -> None:
        """As much load as so many pods have with this value each, in thousandths."""
        {"gateway": self.gateway, "compute-gpu": self.compute}[component].total = pods * value

    def told(self, component: str, value: int) -> None:
        """Waits until the autoscaler has read this value: that nothing happened means something only then."""
        until(lambda: self.average(component) == value, f"the autoscaler of {component} reads {value}m", 90)

    def average(self, component: str) -> int:
        metrics = self.release.get("hpa", f"halftone-{component}")["status"]["currentMetrics"] or []
        values = [found["pods"]["current"]["averageValue"] for found in metrics if found["type"] == "Pods"]
        return sum(int(one[:-1]) if one.endswith("m") else int(one) * 1000 for one in values)

    def replicas(self, component: str) -> int:
        return self.release.replicas(component)

    def calm(self) -> None:
        """Both tiers at what three gateways and two cards carry, exactly on target."""
        self.gateway.total, self.compute.total = 3 * GATEWAY_TARGET, 2 * COMPUTE_TARGET
        self.release.settle("gateway", 3)
        self.release.settle("compute-gpu", 2)


@pytest.fixture(scope="module")
def tiers(fakes: ControlPlane, metrics: Metrics) -> Iterator[Tiers]:
    kwok.add(fakes, "cards", cards={CARD: 8})
    with contextlib.ExitStack() as ends:
        room = ends.enter_context(restricted_namespace(fakes, "scaling"))
        spread = {
            component: ends.enter_context(metrics.spread(room, selector(component), metric))
            for component, metric in (
                ("gateway", "halftone_gateway_ws_connections"),
                ("compute-gpu", "halftone_compute_slot_load"),
            )
        }
        release = Release(fakes, room)
        release.install(VALUES)
        yield Tiers(release, metrics, spread["gateway"], spread["compute-gpu"])
    kwok.remove(fakes, "cards")


# Worked out by hand. Tolerance: nothing happens while value/target is within 0.9 and 1.1.
SOCKETS: Rows = (
    (2, 300, 2),  # on target
    (2, 325, 2),  # 1.08: tolerated
    (2, 345, 3),  # 2.3
    (3, 320, 3),  # 1.07: tolerated
    (3, 440, 5),  # 4.4
    (5, 235, 4),  # 3.92
    (4, 275, 4),  # 0.92: tolerated
    (4, 245, 4),  # 3.27
    (4, 220, 3),  # 2.93
    (3, 3000, 20),  # 30, but never more than 20
    (20, 150, 10),  # 10.0
    (10, 1, 2),  # 0.03, but never fewer than 2
)
SLOT_LOADS: Rows = (
    (1, 700, 1),  # on target
    (1, 760, 1),  # 1.09: tolerated
    (1, 800, 2),  # 1.14
    (2, 500, 2),  # 1.43
    (2, 340, 1),  # 0.97
    (1, 2100, 3),  # 3.0
    (3, 1000, 5),  # 4.29
    (5, 650, 5),  # 0.93: tolerated
    (5, 500, 4),  # 3.57
    (4, 1200, 7),  # 6.86
    (7, 4000, 8),  # 40, but never more than 8
    (8, 0, 1),  # 0, but never fewer than 1
)


def test_gateways_follow_the_formula(tiers: Tiers) -> None:
    tiers.calm()
    thousandths = [(pods, sockets * 1000, expected) for pods, sockets, expected in SOCKETS]
    follow(tiers, "gateway", thousandths, ("compute-gpu", 2))


def test_compute_follows_the_formula(tiers: Tiers) -> None:
    tiers.calm()
    follow(tiers, "compute-gpu", SLOT_LOADS, ("gateway", 3))


def test_ten_times_the_sockets_leave_compute_alone(tiers: Tiers) -> None:
    tiers.calm()
    tiers.gateway.total *= 10
    tiers.release.settle("gateway", 20)
    assert tiers.replicas("compute-gpu") == 2
    tiers.gateway.total //= 10
    tiers.release.settle("gateway", 3)
    assert tiers.replicas("compute-gpu") == 2


def test_a_missing_sample_ends_no_pod(tiers: Tiers) -> None:
    tiers.gateway.total = 1_000_000
    tiers.release.settle("gateway", 4)
    first, *others = [pod["metadata"]["name"] for pod in tiers.release.pods("gateway")]
    # A restart forgets every sample: from then on one pod has none. Three at 250 alone would ask for three pods.
    with tiers.gateway.held(), tiers.compute.held():
        tiers.metrics.stop()
        tiers.metrics.start()
        for name in others:
            tiers.metrics.write(tiers.release.namespace, name, "halftone_gateway_ws_connections", "250")
        until(lambda: samples(tiers) == set(others), "three samples can be read")
        throughout(lambda: tiers.replicas("gateway") == 4, f"no pod ends while {first} has no sample", 8)
    tiers.release.settle("gateway", 4)


def test_an_outage_of_metrics_ends_no_pod(tiers: Tiers) -> None:
    tiers.calm()
    with tiers.gateway.held(), tiers.compute.held():
        tiers.metrics.stop()
        condition = until(lambda: unable(tiers), "the autoscaler knows that it cannot see", 90)
        assert "unable to" in condition
        throughout(lambda: (tiers.replicas("gateway"), tiers.replicas("compute-gpu")) == (3, 2), "nothing changes", 10)
        tiers.metrics.start()
    tiers.calm()


def samples(tiers: Tiers) -> set[str]:
    """The gateways that the metrics API knows a value of."""
    path = f"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{tiers.release.namespace}/pods/*"
    found = tiers.release.plane.try_kubectl("get", "--raw", f"{path}/halftone_gateway_ws_connections")
    return {one["describedObject"]["name"] for one in json.loads(found.stdout)["items"]} if found.stdout else set()


def unable(tiers: Tiers) -> str:
    """What the autoscaler of the gateway says while it cannot read a metric; "" while it can."""
    conditions = tiers.release.get("hpa", "halftone-gateway")["status"]["conditions"]
    told = [found for found in conditions if found["type"] == "ScalingActive" and found["status"] == "False"]
    return told[0]["message"] if told else ""
