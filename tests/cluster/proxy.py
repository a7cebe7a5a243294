"""Services on the node: kube-proxy, which writes them as nftables rules of the network namespace."""

import json
from pathlib import Path

from .containerd import POD_RANGE
from .tools import program


def prepare(folder: Path, kubeconfig: Path, name: str) -> list[str | Path]:
    """Write the configuration into `folder`; return the command that runs it."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.json"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
                "kind": "KubeProxyConfiguration",
                "mode": "nftables",
                "hostnameOverride": name,
                "clusterCIDR": POD_RANGE,
                "clientConnection": {"kubeconfig": str(kubeconfig)},
                # The table of connections is the machine's, not the namespace's, to size.
                "conntrack": {"maxPerCore": 0, "min": 0},
                "healthzBindAddress": "127.0.0.1:10256",
                "metricsBindAddress": "127.0.0.1:10249",
            }
        )
    )
    return [program("kube-proxy"), f"--config={config}"]
