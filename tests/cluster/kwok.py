"""Nodes that are only API data, with cards that are only numbers. kwok makes their pods Ready and nothing runs."""

from collections.abc import Mapping

import yaml

from .controlplane import SERVER, ControlPlane
from .namespace import Process
from .tools import files, program
from .until import until

PROGRAMS = ("kwok",)
FAKE = {"kwok.x-k8s.io/node": "fake"}


def start(plane: ControlPlane) -> Process:
    """Starts kwok for the nodes that `add` makes; a real node beside them is left alone."""
    plane.pki.issue("kwok", "kwok", "system:masters")
    stages = plane.state / "stages.yaml"
    stages.write_text("\n---\n".join(path.read_text() for path in files("kwok-stages")))
    (selector,) = FAKE.items()
    command = [
        program("kwok"),
        f"--kubeconfig={plane.pki.kubeconfig('kwok', SERVER)}",
        f"--config={stages}",
        "--manage-all-nodes=false",
        f"--manage-nodes-with-annotation-selector={'='.join(selector)}",
        "--node-lease-duration-seconds=40",
        "--cidr=10.128.0.0/16",
    ]
    return plane.spawn("kwok", command)


def add(plane: ControlPlane, name: str, zone: str = "a", cards: Mapping[str, int] | None = None) -> None:
    """A node of 16 cores and 64 GiB in a zone, Ready at return; `cards` is like {"nvidia.com/gpu": 2}."""
    size = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "200Gi"}
    offered = size | {resource: str(count) for resource, count in (cards or {}).items()}
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": FAKE,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": zone,
            },
        },
        "status": {"capacity": offered, "allocatable": offered},
    }
    # Not by server-side apply, which leaves the status out.
    plane.kubectl("create", "-f", "-", given=yaml.safe_dump(node))
    until(lambda: is_ready(plane, name), f"node {name} is ready")


def remove(plane: ControlPlane, *names: str) -> None:
    """Deletes nodes; the controllers clean up after them."""
    plane.kubectl("delete", "node", "--ignore-not-found", *names)


def is_ready(plane: ControlPlane, name: str) -> bool:
    """Whether a node is Ready and takes pods."""
    node = plane.get("node", name)
    conditions = {found["type"]: found["status"] for found in node["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" and not node["spec"].get("taints")
