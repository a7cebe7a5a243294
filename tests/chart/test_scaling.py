"""Two tiers that scale apart: one owner of each number of pods, with the figures of the design."""

from typing import Any

import pytest
import yaml

from .render import CHART, Release, matrix, render

POOLS = ("gateway", "compute-cpu", "compute-gpu")
# Window up, steps up, window down, steps down, in pods, per cent and seconds.
BEHAVIOR = {
    "gateway": (0, [("Percent", 100, 30), ("Pods", 4, 30)], 600, [("Pods", 1, 300)]),
    "compute-cpu": (30, [("Percent", 100, 30), ("Pods", 4, 30)], 300, [("Pods", 1, 60)]),
    "compute-gpu": (30, [("Percent", 50, 60), ("Pods", 2, 60)], 900, [("Pods", 1, 300)]),
}
LOAD = {
    "gateway": ("halftone_gateway_ws_connections", "300"),
    "compute-cpu": ("halftone_compute_slot_load", "800m"),
    "compute-gpu": ("halftone_compute_slot_load", "700m"),
}


def scalers(release: Release, kind: str) -> dict[str, dict[str, Any]]:
    """Scalers by the component that they move."""
    found = {
        item["spec"]["scaleTargetRef"]["name"].removeprefix("halftone-"): item["spec"] for item in release.of(kind)
    }
    assert len(found) == len(release.of(kind))
    return found


def figures(behavior: dict[str, Any]) -> tuple[int, list[tuple[str, int, int]], int, list[tuple[str, int, int]]]:
    up, down = behavior["scaleUp"], behavior["scaleDown"]
    assert (up["selectPolicy"], down["selectPolicy"]) == ("Max", "Min")
    steps = [[(step["type"], step["value"], step["periodSeconds"]) for step in rule["policies"]] for rule in (up, down)]
    return up["stabilizationWindowSeconds"], steps[0], down["stabilizationWindowSeconds"], steps[1]


@pytest.mark.parametrize(
    ("name", "kind", "other"),
    [
        ("gpu", "HorizontalPodAutoscaler", "ScaledObject"),
        ("custom-metrics", "HorizontalPodAutoscaler", "ScaledObject"),
        ("keda", "ScaledObject", "HorizontalPodAutoscaler"),
    ],
)
def test_every_pool_has_one_scaler_and_no_number(name: str, kind: str, other: str) -> None:
    release = matrix(name)
    assert set(scalers(release, kind)) == set(POOLS)
    assert not release.of(other)
    for component in POOLS:
        assert release.ask("Deployment", f"halftone-{component}", "spec.replicas") is None
    assert release.ask("Deployment", "halftone-web", "spec.replicas") == 2


def test_without_scaling_the_numbers_are_the_persons() -> None:
    release = render("gpu", autoscaling={"mode": "off"}, gateway={"replicas": 3}, computeCpu={"replicas": 4})
    assert not release.of("HorizontalPodAutoscaler")
    assert not release.of("ScaledObject")
    found = [release.ask("Deployment", f"halftone-{component}", "spec.replicas") for component in POOLS]
    assert found == [3, 4, 1]


@pytest.mark.parametrize("component", POOLS)
def test_the_figures_of_the_design(component: str) -> None:
    horizontal = scalers(matrix("custom-metrics"), "HorizontalPodAutoscaler")[component]
    keda = scalers(matrix("keda"), "ScaledObject")[component]
    assert figures(horizontal["behavior"]) == BEHAVIOR[component]
    assert keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == horizontal["behavior"]
    assert (keda["minReplicaCount"], keda["maxReplicaCount"]) == (horizontal["minReplicas"], horizontal["maxReplicas"])
    assert scalers(matrix("gpu"), "HorizontalPodAutoscaler")[component]["behavior"] == horizontal["behavior"]


@pytest.mark.parametrize("component", POOLS)
def test_plain_clusters_go_by_the_processor_of_the_working_container(component: str) -> None:
    (metric,) = scalers(matrix("gpu"), "HorizontalPodAutoscaler")[component]["metrics"]
    assert metric["type"] == "ContainerResource"
    assert metric["containerResource"]["name"] == "cpu"
    assert metric["containerResource"]["container"] == matrix("gpu").pod(component).main()["name"]


@pytest.mark.parametrize("component", POOLS)
def test_custom_metrics_are_averages_over_pods(component: str) -> None:
    first, *more = scalers(matrix("custom-metrics"), "HorizontalPodAutoscaler")[component]["metrics"]
    name, value = LOAD[component]
    assert first == {
        "type": "Pods",
        "pods": {"metric": {"name": name}, "target": {"type": "AverageValue", "averageValue": value}},
    }
    # The processor of a pod with a card falls while its queue grows.
    assert [metric["type"] for metric in more] == ([] if component == "compute-gpu" else ["ContainerResource"])


@pytest.mark.parametrize("component", POOLS)
def test_keda_asks_for_the_pods_of_one_pool(component: str) -> None:
    spec = scalers(matrix("keda"), "ScaledObject")[component]
    (trigger,) = spec["triggers"]
    name, value = LOAD[component]
    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue")
    asked = trigger["metadata"]
    assert asked["query"] == f'sum(max_over_time({name}{{namespace="pictures",pod=~"halftone-{component}-.+"}}[1m]))'
    assert asked["threshold"] == {"300": "300", "800m": "0.8", "700m": "0.7"}[value]
    assert asked["serverAddress"] == "http://prometheus.monitoring:9090"
    # A target that vanished must not read as no load.
    assert asked["ignoreNullValues"] == "false"
    assert spec["fallback"] == {
        "failureThreshold": 3,
        "replicas": spec["minReplicaCount"],
        "behavior": "currentReplicasIfHigher",
    }
    assert spec["minReplicaCount"] >= 1
    reference = scalers(matrix("everything-on"), "ScaledObject")[component]["triggers"][0]["authenticationRef"]
    assert reference == {"name": "prometheus"}


def test_scaling_down_waits_longer_than_a_drain() -> None:
    for component, (_, _, _, steps) in BEHAVIOR.items():
        grace = matrix("gpu").pod(component).spec["terminationGracePeriodSeconds"]
        assert all(period >= grace for _, _, period in steps)


def test_the_rule_for_the_adapter_names_our_metrics() -> None:
    rules = yaml.safe_load((CHART / "files" / "prometheus-adapter-rule.yaml").read_text())
    assert {rule["seriesQuery"].partition("{")[0] for rule in rules} == {name for name, _ in LOAD.values()}
    assert all(set(rule["resources"]["overrides"]) == {"namespace", "pod"} for rule in rules)


def test_a_slot_for_each_processor_that_was_asked_for() -> None:
    slots = matrix("default").environment("compute-cpu")["HALFTONE_COMPUTE_SLOTS"]
    assert slots == {"resourceFieldRef": {"containerName": "compute-cpu", "resource": "requests.cpu", "divisor": "1"}}
    assert matrix("everything-on").environment("compute-cpu")["HALFTONE_COMPUTE_SLOTS"] == "4"
