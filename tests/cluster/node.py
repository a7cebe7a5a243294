"""One real node in the cluster's network namespace: kubelet, containerd, kube-proxy, CoreDNS, a device plugin."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from . import dns, leftovers, proxy
from .containerd import NETWORK, Containerd
from .controlplane import SERVER, ControlPlane
from .kubelet import Kubelet
from .until import until

PLUGIN = "tests.cluster.deviceplugin"
CARD = "nvidia.com/gpu"
ROOT = Path(__file__).parents[2]


class Node:
    """A node that joins a control plane. What it keeps is in one folder, its pods are in one cgroup."""

    def __init__(self, plane: ControlPlane, name: str = "real-node") -> None:
        self.plane, self.name = plane, name
        self.folder = plane.state / name
        # The namespace's, not the state folder's: a later run finds it again.
        self.cgroup = f"halftone-{plane.namespace.name}"
        self.containerd = Containerd(self.folder / "containerd", plane.state / "shims")

    # ---- life

    def start(self, cards: int = 2) -> None:
        """Take away what an earlier run left, start everything and wait until the node is Ready."""
        self.stop()
        self.folder.mkdir(parents=True)
        self.plane.spawn("containerd", self.containerd.prepare(), self.containerd.environment())
        until(self.containerd.answers, "containerd answers", 120)
        leftovers.make_cgroup(self.cgroup)
        self.plane.spawn("kubelet", self._kubelet())
        identity = self._identity("kube-proxy", "system:kube-proxy", "system:node-proxier")
        self.plane.spawn("kube-proxy", proxy.prepare(self.folder / "proxy", identity, self.name))
        identity = self._identity("coredns", "coredns", "system:masters")
        self.plane.spawn("coredns", dns.prepare(self.folder / "dns", identity, self.plane.address))
        self.plane.apply(*dns.service(self.plane.address), namespace="kube-system")
        until(self.is_ready, f"{self.name} Ready", 180)
        command: list[str | Path] = [sys.executable, "-m", PLUGIN, f"--cards={cards}", f"--node={self.folder}/"]
        self.plane.spawn("cards", command, {"PYTHONPATH": str(ROOT)})
        until(lambda: self.cards() == cards, f"{self.name} offers {cards} cards", 120)

    def stop(self) -> None:
        """End all processes of this node and remove its files, also those of an earlier run."""
        # First the programs that start things, then the containers, then the programs that supervise them.
        for program in ("kubelet", "kube-proxy", PLUGIN, "coredns"):
            leftovers.end(partial(leftovers.processes, program, self.folder), program)
        leftovers.end(partial(leftovers.cgroup_processes, self.cgroup), "containers")
        for program in ("containerd", "containerd-shim-runc-v2"):
            leftovers.end(partial(leftovers.processes, program, self.folder), program)
        leftovers.remove_links(Path("/var/log/containers"), self.folder)
        leftovers.remove_files(Path("/var/lib/cni/results"), f"{NETWORK}-*")
        leftovers.remove_folder(self.folder)
        leftovers.remove_cgroup(self.cgroup)

    def _identity(self, name: str, user: str, group: str) -> Path:
        self.plane.pki.issue(name, user, group)
        return self.plane.pki.kubeconfig(name, SERVER)

    def _kubelet(self) -> list[str | Path]:
        pki, serving = self.plane.pki, f"{self.name}-serving"
        pki.issue(serving, f"system:node:{self.name}", "system:nodes", hosts=(self.name, self.plane.address))
        certificates = {"ca": pki.crt("ca"), "certificate": pki.crt(serving), "key": pki.key(serving)}
        kubelet = Kubelet(self.folder / "kubelet", self.name, self.plane.address, self.cgroup)
        identity = self._identity(self.name, f"system:node:{self.name}", "system:nodes")
        return kubelet.prepare(identity, self.containerd.socket, certificates)

    # ---- looking

    def is_ready(self) -> bool:
        """Whether the control plane counts on this node."""
        nodes = self.plane.get("nodes")
        conditions = [each for node in nodes if node["metadata"]["name"] == self.name for each in _conditions(node)]
        return "Ready" in conditions

    def cards(self) -> int:
        """How many cards the node offers."""
        return int(self.plane.get("node", self.name)["status"]["allocatable"].get(CARD, 0))

    # ---- containers

    def load(self, *archives: Path) -> None:
        """Take in images from their archives."""
        for archive in archives:
            self.containerd.load(archive)

    def kill(self, namespace: str, pod: str) -> None:
        """End a pod as a crash does: SIGKILL to the first process of each container, no word to anyone."""
        for status in self.plane.get("pod", pod, f"--namespace={namespace}")["status"]["containerStatuses"]:
            os.kill(self.containerd.pid(status["containerID"].removeprefix("containerd://")), signal.SIGKILL)


def _conditions(node: dict[str, dict[str, list[dict[str, str]]]]) -> list[str]:
    """Names of the conditions that hold."""
    return [each["type"] for each in node["status"].get("conditions", []) if each["status"] == "True"]


@contextmanager
def joined(plane: ControlPlane, cards: int = 2) -> Iterator[Node]:
    """A node for as long as the block runs."""
    node = Node(plane)
    try:
        node.start(cards)
        yield node
    finally:
        node.stop()
