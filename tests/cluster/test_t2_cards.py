"""T2: pods that need cards, on nodes whose cards are only numbers: what scheduler and controllers do with them."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from . import kwok
from .controlplane import ControlPlane
from .release import Release, is_ready, node_of
from .until import settled, until

pytestmark = pytest.mark.cluster

CARD = "nvidia.com/gpu"
GPU = "compute-gpu"
# Pods that outlive their node would hold the cards of a later node of the same name.
numbers = itertools.count(1)


@pytest.fixture
def node(fakes: ControlPlane) -> Iterator[Callable[[dict[str, int]], str]]:
    """Makes a node with cards; it goes at the end."""
    made: list[str] = []

    def make(cards: dict[str, int]) -> str:
        name = f"cards-{next(numbers)}"
        kwok.add(fakes, name, cards=cards)
        made.append(name)
        return name

    yield make
    kwok.remove(fakes, *made)


def values(**gpu: Any) -> dict[str, Any]:  # noqa: ANN401 - values of a chart
    """A pool of two pods with a card each, and as little else as there can be."""
    replicas = gpu.pop("replicas", 2)
    return {
        "autoscaling": {"mode": "off"},
        "computeCpu": {"enabled": False},
        "gpu": {"enabled": True, **gpu},
        "computeGpu": {"replicas": replicas, "resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}},
    }


@pytest.mark.parametrize(
    "resource", [CARD, "nvidia.com/gpu.shared", "nvidia.com/mig-1g.10gb", "nvidia.com/mig-3g.40gb"]
)
def test_every_name_of_a_card_schedules(
    fakes: ControlPlane, room: str, node: Callable[[dict[str, int]], str], resource: str
) -> None:
    where = node({resource: 2})
    release = Release(fakes, room)
    release.install(values(resourceName=resource))
    ours = release.pods(GPU)
    assert {node_of(pod) for pod in ours} == {where}
    names = {pod["metadata"]["name"] for pod in ours}
    others = [pod for pod in release.get("pods") if pod["metadata"]["name"] not in names]
    assert where not in {node_of(pod) for pod in others if CARD in str(pod["spec"]["containers"][0]["resources"])}


def test_a_rollout_ends_with_all_cards_taken(
    fakes: ControlPlane, room: str, node: Callable[[dict[str, int]], str]
) -> None:
    node({CARD: 2})
    release = Release(fakes, room)
    release.install(values())
    before = {pod["metadata"]["name"] for pod in release.pods(GPU)}
    release.upgrade(values() | {"image": {"tag": "next"}})
    after = release.pods(GPU)
    assert len(after) == 2
    assert before.isdisjoint(pod["metadata"]["name"] for pod in after)
    # What happens with the strategy of most charts, so that this test is known to be able to fail.
    surging = values() | {"image": {"tag": "third"}}
    surging["computeGpu"]["strategy"] = "surge"
    release.upgrade(surging, wait=False)
    until(lambda: [pod for pod in release.pods(GPU) if waits(pod, "third")], "a pod for which there is no card")
    assert "Insufficient nvidia.com/gpu" in release.event("FailedScheduling", CARD)


def test_one_pod_with_the_only_card_is_replaced(
    fakes: ControlPlane, room: str, node: Callable[[dict[str, int]], str]
) -> None:
    node({CARD: 1})
    release = Release(fakes, room)
    release.install(values(replicas=1))
    release.upgrade(values(replicas=1) | {"image": {"tag": "next"}})
    (pod,) = release.pods(GPU)
    assert pod["spec"]["containers"][0]["image"].endswith(":next")


def test_a_quota_refuses_clearly(fakes: ControlPlane, room: str, node: Callable[[dict[str, int]], str]) -> None:
    node({CARD: 2})
    release = Release(fakes, room)
    release.install(values(replicas=1))
    # A pod that ends makes the controller count anew, and what is made in that moment may pass the quota uncounted.
    release.kubectl("wait", "--for=condition=Complete", "job", "--all", "--timeout=60s")
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "cards-of-this-team"}}
    fakes.apply(quota | {"spec": {"hard": {f"requests.{CARD}": "1"}}}, namespace=room)
    until(lambda: in_use(release) == "1" and refuses(release), "the quota is in force")
    release.upgrade(values(replicas=2), wait=False)
    refused = release.event("FailedCreate", "exceeded quota")
    assert f"exceeded quota: cards-of-this-team, requested: requests.{CARD}=1" in refused
    settled(lambda: list(map(is_ready, release.pods(GPU))), [True], "one pod runs within the quota", 60, hold=3)


def test_a_pod_takes_the_card_of_a_placeholder(
    fakes: ControlPlane, room: str, node: Callable[[dict[str, int]], str]
) -> None:
    node({CARD: 2})
    release = Release(fakes, room)
    warm = values(replicas=1, placeholders={"replicas": 1})
    release.install(warm)
    held = [pod for pod in release.get("pods") if "placeholder" in pod["metadata"]["name"]]
    assert [is_ready(pod) for pod in held] == [True]
    release.kubectl("scale", "deployment/halftone-compute-gpu", "--replicas=2")
    until(lambda: [is_ready(pod) for pod in release.pods(GPU)] == [True, True], "both pods of ours have a card")
    release.event("Preempted", "")


def waits(pod: dict[str, Any], tag: str) -> bool:
    """Whether a pod of this version is without a node because it got no card."""
    told = [one.get("message", "") for one in pod["status"].get("conditions", []) if one["type"] == "PodScheduled"]
    is_new = pod["spec"]["containers"][0]["image"].endswith(f":{tag}")
    return is_new and not node_of(pod) and f"Insufficient {CARD}" in "".join(told)


def in_use(release: Release) -> str:
    """How many cards the controller has counted for the only quota of a namespace; "" until it has counted."""
    (quota,) = release.get("resourcequotas")
    return str(quota.get("status", {}).get("used", {}).get(f"requests.{CARD}", ""))


def refuses(release: Release) -> bool:
    """Whether the API server knows the quota, too: it would refuse one more pod like those of the pool."""
    (pod,) = release.pods(GPU)
    spec = {key: value for key, value in pod["spec"].items() if key != "nodeName"}
    another = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one-more"}, "spec": spec}
    asked = ["create", "--dry-run=server", f"--namespace={release.namespace}", "-f", "-"]
    return "exceeded quota" in release.plane.try_kubectl(*asked, given=yaml.safe_dump(another)).stderr
