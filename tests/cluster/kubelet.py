"""The node's agent: a kubelet that keeps all its state in one folder and all its pods in one cgroup."""

import json
from pathlib import Path

from .tools import program

DNS_ADDRESS = "10.96.0.10"


def configuration(folder: Path, cgroup: str, runtime: Path, certificates: dict[str, Path]) -> dict[str, object]:
    """The kubelet's configuration, as the cluster's machine needs it."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates["ca"])},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificates["certificate"]),
        "tlsPrivateKeyFile": str(certificates["key"]),
        "containerRuntimeEndpoint": f"unix://{runtime}",
        "podLogsDir": str(folder / "logs"),
        "cgroupRoot": f"/{cgroup}",
        "cgroupDriver": "cgroupfs",
        # This machine may still have version 1.
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        # The machine's disk is not the node's alone: no pod is sent away because others filled it.
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "resolvConf": "/dev/null",
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        "nodeStatusUpdateFrequency": "2s",
        "syncFrequency": "5s",
        "maxPods": 60,
    }


class Kubelet:
    """A kubelet's files and command line."""

    def __init__(self, folder: Path, name: str, address: str, cgroup: str) -> None:
        self.folder, self.name, self.address, self.cgroup = folder, name, address, cgroup

    def prepare(self, kubeconfig: Path, runtime: Path, certificates: dict[str, Path]) -> list[str | Path]:
        """Write the configuration; return the command that runs it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.json"
        config.write_text(json.dumps(configuration(self.folder, self.cgroup, runtime, certificates), indent=2))
        return [
            program("kubelet"),
            f"--config={config}",
            f"--root-dir={self.folder / 'root'}",
            f"--cert-dir={self.folder / 'certificates'}",
            f"--kubeconfig={kubeconfig}",
            f"--hostname-override={self.name}",
            f"--node-ip={self.address}",
        ]
