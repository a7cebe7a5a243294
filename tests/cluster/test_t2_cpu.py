"""T2: the chart's default scaling, by the CPU of the container that works, on the real autoscaler.

A tier follows ceil(current x percent / target), where percent is what its containers use of their requests. As with
custom metrics, only the windows and the size of a step are shorter than the chart's own.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from .controlplane import ControlPlane
from .formula import Rows, follow
from .metrics import Metrics
from .release import Release
from .rooms import restricted_namespace
from .until import until

pytestmark = pytest.mark.cluster

STEP = {"selectPolicy": "Max", "policies": [{"type": "Pods", "value": 100, "periodSeconds": 1}]}
AT_ONCE = {"scaleUp": STEP | {"stabilizationWindowSeconds": 0}, "scaleDown": STEP | {"stabilizationWindowSeconds": 2}}
VALUES: dict[str, Any] = {component: {"autoscaling": {"behavior": AT_ONCE}} for component in ("gateway", "computeCpu")}
TIERS = ("gateway", "compute-cpu")
# Of the chart's own values: what a container requests in millicores, and how much of it is to be used, in percent.
REQUESTS = {"gateway": 250, "compute-cpu": 1000}
TARGETS = {"gateway": 70, "compute-cpu": 75}


class Load:
    """A release of the default mode, whose tiers use what a test says."""

    def __init__(self, release: Release, metrics: Metrics) -> None:
        self.release, self.metrics = release, metrics
        self._used: dict[str, int] = {}

    def set(self, component: str, pods: int, value: int) -> None:
        """As much work as so many pods do with `value` percent of their requests; others that come take a share."""
        self._used[component] = pods * REQUESTS[component] * value // 100
        self.metrics.use(self._used)

    def told(self, component: str, value: int) -> None:
        """Waits until the autoscaler has read this: that nothing happened means something only then."""
        until(lambda: self.read(component) == value, f"the autoscaler of {component} reads {value} %", 90)

    def read(self, component: str) -> int:
        """The percent that the autoscaler knows of; it has one metric, which is of one container."""
        metrics = self.release.get("hpa", f"halftone-{component}")["status"].get("currentMetrics") or [{}]
        (container,) = (found.get("containerResource", {}) for found in metrics)
        return int(container["current"]["averageUtilization"]) if container.get("container") == component else -1


@pytest.fixture(scope="module")
def release(fakes: ControlPlane, metrics: Metrics) -> Iterator[Load]:
    with restricted_namespace(fakes, "processors") as room:
        installed = Release(fakes, room)
        installed.install(VALUES)
        yield Load(installed, metrics)
        metrics.use({})


@pytest.fixture
def load(release: Load) -> Load:
    """Two pods of each tier, exactly on target."""
    for component in TIERS:
        release.set(component, 2, TARGETS[component])
    for component in TIERS:
        release.told(component, TARGETS[component])
        release.release.settle(component, 2, hold=1)
    return release


# Values are the percent they use, worked out by hand.
# Tolerance: nothing happens while percent/target is within 0.9 and 1.1.
@pytest.mark.parametrize(
    ("component", "rows"),
    [
        (
            "gateway",
            [
                (2, 76, 2),  # 1.09: tolerated
                (2, 78, 3),  # 2.23
                (3, 200, 9),  # 8.57
                (9, 64, 9),  # 0.91: tolerated
                (9, 38, 5),  # 4.89
                (5, 2, 2),  # 0.14, but never fewer than 2
                (2, 900, 20),  # 25.7, but never more than 20
            ],
        ),
        (
            "compute-cpu",
            [
                (2, 81, 2),  # 1.08: tolerated
                (2, 84, 3),  # 2.24
                (3, 150, 6),  # 6.0
                (6, 70, 6),  # 0.93: tolerated
                (6, 50, 4),  # 4.0
                (4, 1, 2),  # 0.05, but never fewer than 2
                (2, 700, 10),  # 18.7, but never more than 10
            ],
        ),
    ],
)
def test_a_tier_follows_the_formula_and_leaves_the_other_alone(load: Load, component: str, rows: Rows) -> None:
    (other,) = set(TIERS) - {component}
    follow(load, component, rows, (other, 2))
