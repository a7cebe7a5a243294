"""T1: the API server of the newest supported Kubernetes takes everything that the chart can render."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .chart import HELMS, matrix, pod_of, rendered
from .controlplane import ControlPlane
from .rooms import restricted_namespace
from .until import until

pytestmark = pytest.mark.cluster

DECIDED = {"default", "cpu-only", "gpu", "mig", "keda", "external-db", "everything-on", "single-node"}
# What must be there before a pod that names it may be made.
BEFORE_PODS = ("ServiceAccount", "PriorityClass")


@pytest.fixture(scope="module")
def room(kinds: ControlPlane) -> Iterator[str]:
    """One namespace for all of this file: nothing is kept in it."""
    with restricted_namespace(kinds, "admission") as name:
        yield name


def test_the_matrix_is_whole() -> None:
    assert {path.stem for path in matrix()} >= DECIDED - {"default"}


@pytest.mark.parametrize("version", HELMS)
@pytest.mark.parametrize("values", [None, *matrix()], ids=lambda path: path.stem if path else "no-values")
def test_every_object_is_accepted(kinds: ControlPlane, room: str, values: Path | None, version: str) -> None:
    objects = rendered(version, values, room)
    assert len(objects) > 20
    before_pods(kinds, room, objects)
    done = dry_run(kinds, room, objects)
    assert not done.returncode, done.stderr
    # Pod Security tells of templates that would be refused, the API server of fields that will go.
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("values", [None, *matrix()], ids=lambda path: path.stem if path else "no-values")
def test_both_helms_render_the_same(values: Path | None) -> None:
    four, three = ([known(one) for one in rendered(version, values, "admission")] for version in HELMS)
    assert sorted(four, key=str) == sorted(three, key=str)


@pytest.mark.parametrize("values", matrix(), ids=lambda path: path.stem)
def test_restricted_admission_takes_every_pod(kinds: ControlPlane, room: str, values: Path) -> None:
    objects = rendered("helm", values, room)
    before_pods(kinds, room, objects)
    pods = [pod for pod in map(pod_of, objects) if pod]
    assert len(pods) > 5
    done = create(kinds, room, *pods)
    assert not done.returncode, done.stderr
    assert "Warning" not in done.stderr


def privileged(spec: dict[str, Any]) -> None:
    spec["containers"][0]["securityContext"] |= {"privileged": True, "allowPrivilegeEscalation": True}


def as_root(spec: dict[str, Any]) -> None:
    spec["securityContext"] |= {"runAsNonRoot": False, "runAsUser": 0}


def with_the_machines_files(spec: dict[str, Any]) -> None:
    spec["volumes"] = [*spec.get("volumes", []), {"name": "root", "hostPath": {"path": "/"}}]


def with_capabilities(spec: dict[str, Any]) -> None:
    spec["containers"][0]["securityContext"]["capabilities"] = {"add": ["NET_ADMIN"]}


@pytest.mark.parametrize("tamper", [privileged, as_root, with_the_machines_files, with_capabilities])
def test_restricted_admission_refuses_a_tampered_pod(
    kinds: ControlPlane, room: str, tamper: Callable[[dict[str, Any]], None]
) -> None:
    objects = rendered("helm", None, room)
    before_pods(kinds, room, objects)
    (gateway,) = [
        found for found in objects if found["kind"] == "Deployment" and found["metadata"]["name"].endswith("gateway")
    ]
    tampered = copy.deepcopy(gateway)
    tamper(tampered["spec"]["template"]["spec"])
    refused = create(kinds, room, pod_of(tampered))
    assert refused.returncode
    assert 'violates PodSecurity "restricted' in refused.stderr
    assert "Warning: would violate PodSecurity" in dry_run(kinds, room, [tampered]).stderr


def dry_run(plane: ControlPlane, namespace: str, objects: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    """What `kubectl apply` says, strict about fields, without keeping anything."""
    options = ["--server-side", "--dry-run=server", "--validate=strict", f"--namespace={namespace}"]
    return plane.try_kubectl("apply", *options, "-f", "-", given=yaml.safe_dump_all(objects))


def create(plane: ControlPlane, namespace: str, *pods: dict[str, Any] | None) -> Any:  # noqa: ANN401
    """What `kubectl create` says of pods, without keeping them."""
    options = ["--dry-run=server", f"--namespace={namespace}"]

    def said() -> Any:  # noqa: ANN401
        done = plane.try_kubectl("create", *options, "-f", "-", given=yaml.safe_dump_all(pods))
        return None if "no PriorityClass with name" in done.stderr else done

    # Admission sees a new class a moment after it is stored.
    return until(said, "the priority classes are known")


def before_pods(plane: ControlPlane, namespace: str, objects: list[dict[str, Any]]) -> None:
    plane.apply(*(found for found in objects if found["kind"] in BEFORE_PODS), namespace=namespace)
    specs = [pod["spec"] for pod in map(pod_of, objects) if pod]
    ours = {found["metadata"]["name"] for found in objects if found["kind"] == "PriorityClass"}
    for name in {spec["priorityClassName"] for spec in specs if spec.get("priorityClassName")} - ours:
        priority = {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": 1,
        }
        plane.apply(priority)


def known(found: dict[str, Any]) -> dict[str, Any]:
    """An object without what is made anew at each render: generated secrets and certificates."""
    if found["kind"] == "Secret":
        return found | {"data": len(found.get("data", {})), "stringData": len(found.get("stringData", {}))}
    return found
