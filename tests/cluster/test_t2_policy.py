"""T2: a load that jumps up and down. Windows and steps hold, whatever the series does."""

import time
from typing import Any

import pytest

from .controlplane import ControlPlane
from .metrics import Metrics
from .release import Release, selector
from .until import until

pytestmark = pytest.mark.cluster

# The chart's own shape, in seconds instead of minutes: double or four more a period, and one less a period.
PERIOD = 6
# Far longer than a swing, also on a machine that stands still for a while.
WINDOW = 30
BEHAVIOR = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Percent", "value": 100, "periodSeconds": PERIOD},
            {"type": "Pods", "value": 4, "periodSeconds": PERIOD},
        ],
    },
    "scaleDown": {
        "stabilizationWindowSeconds": WINDOW,
        "selectPolicy": "Min",
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": PERIOD}],
    },
}
VALUES: dict[str, Any] = {"autoscaling": {"mode": "custom"}, "gateway": {"autoscaling": {"behavior": BEHAVIOR}}}
LOW, HIGH = 900_000, 3_600_000  # three gateways' worth of sockets, and twelve gateways'


class Trace:
    """Replicas over time."""

    def __init__(self, release: Release) -> None:
        self.release = release
        # When a look began and ended, and what was seen.
        self.points: list[tuple[float, float, int]] = []

    def look(self) -> int:
        """Notes how many there are now."""
        began = time.monotonic()
        replicas = self.release.replicas("gateway")
        self.points.append((began, time.monotonic(), replicas))
        return replicas

    def seen(self) -> list[int]:
        """What was seen, in order."""
        return [replicas for _, _, replicas in self.points]

    def changes(self, seconds: float) -> list[tuple[int, int]]:
        """(before, after) for every two looks that lie less than so many seconds apart, however long they took."""
        return [
            (before, after)
            for index, (then, _, before) in enumerate(self.points)
            for _, now, after in self.points[index + 1 :]
            if now - then < seconds
        ]


def test_a_flapping_load_stays_within_policy(fakes: ControlPlane, metrics: Metrics, room: str) -> None:
    release = Release(fakes, room)
    with metrics.spread(room, selector("gateway"), "halftone_gateway_ws_connections") as load:
        load.total = LOW
        release.install(VALUES)
        until(lambda: release.replicas("gateway") == 3, "three gateways", 90)
        up = Trace(release)
        up.look()
        load.total = HIGH
        until(lambda: up.look() == 12, "twelve gateways", 120)
        flapping = Trace(release)
        for total in (LOW, HIGH) * 4:
            load.total = total
            ends = time.monotonic() + 3
            until(lambda: flapping.look() and time.monotonic() > ends, "half a swing")  # noqa: B023
        down = Trace(release)
        load.total = LOW
        until(lambda: down.look() <= 9, "fewer gateways", 180)
    assert all(after <= max(before + 4, 2 * before) for before, after in up.changes(PERIOD - 1))
    assert up.seen()[0] == 3
    # Each swing is shorter than the window: no pod ends, and no more are asked for than the highest load needs.
    assert set(flapping.seen()) == {12}
    assert all(after >= before - 1 for before, after in down.changes(PERIOD - 1))
