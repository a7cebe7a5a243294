"""T2: install, upgrade and rollback with both Helms; what people rely on stays the same."""

from typing import Any

import pytest

from .chart import HELMS
from .controlplane import ControlPlane
from .release import Release, is_ready
from .until import until

pytestmark = pytest.mark.cluster

FIRST: dict[str, Any] = {"image": {"tag": "one"}}
SECOND: dict[str, Any] = {"image": {"tag": "two"}, "logLevel": "DEBUG", "web": {"replicas": 3}}


@pytest.mark.parametrize("version", HELMS)
def test_upgrade_and_rollback_keep_what_must_stay(fakes: ControlPlane, room: str, version: str) -> None:
    release = Release(fakes, room, version)
    release.install(FIRST)
    first = kept(release)
    assert len(first["secrets"]) > 3
    assert len(first["claims"]) > 2
    assert tags(release) == {"one"}
    everything_is_well(release)
    release.upgrade(SECOND)
    assert kept(release) == first
    assert tags(release) == {"two"}
    # The older Helm waits for the new ones alone.
    until(lambda: len(release.pods("web")) == 3, "three pods of web")
    release.rollback(1)
    assert kept(release) == first
    assert tags(release) == {"one"}
    everything_is_well(release)


def kept(release: Release) -> dict[str, Any]:
    """What an upgrade may not change: selectors, claims, secrets."""
    workloads = release.get("deployments,statefulsets")
    secrets = [found for found in release.get("secrets") if found["type"] != "helm.sh/release.v1"]
    return {
        "selectors": {found["metadata"]["name"]: found["spec"]["selector"] for found in workloads},
        "claims": sorted(found["metadata"]["name"] for found in release.get("persistentvolumeclaims")),
        "secrets": {found["metadata"]["name"]: found["data"] for found in secrets},
    }


def tags(release: Release) -> set[str]:
    """The versions that the Deployments ask for."""
    return {
        container["image"].rpartition(":")[2]
        for found in release.get("deployments")
        for container in found["spec"]["template"]["spec"]["containers"]
    }


def everything_is_well(release: Release) -> None:
    """Every pod is Ready or done, and nothing was refused on the way.

    It is waited for: an autoscaler raises a tier to its least number of pods after Helm has seen one of them ready.
    """
    until(lambda: len(release.get("pods")) > 8 and all(map(is_well, release.get("pods"))), "every pod is ready or done")
    refused = release.get("events", "--field-selector=reason=FailedCreate")
    assert not [event["message"] for event in refused]


def is_well(pod: dict[str, Any]) -> bool:
    """Whether a pod is Ready or has done its work."""
    return is_ready(pod) or pod["status"]["phase"] == "Succeeded"
