"""Names in the cluster: CoreDNS as a process of the node, behind the Service that pods ask."""

from pathlib import Path
from typing import Any

from .kubelet import DNS_ADDRESS
from .tools import program

COREFILE = """\
.:53 {{
    bind {address}
    errors
    ready 127.0.0.1:8181
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {kubeconfig}
        ttl 5
    }}
}}
"""


def prepare(folder: Path, kubeconfig: Path, address: str) -> list[str | Path]:
    """Write the configuration into `folder`; return the command that runs it."""
    folder.mkdir(parents=True, exist_ok=True)
    corefile = folder / "Corefile"
    corefile.write_text(COREFILE.format(address=address, kubeconfig=kubeconfig))
    return [program("coredns"), "-conf", corefile]


def service(address: str) -> list[dict[str, Any]]:
    """The Service of cluster DNS, and by hand its one endpoint: a process, not a pod."""
    ports = [{"name": name, "port": 53, "protocol": protocol} for name, protocol in (("dns", "UDP"), ("tcp", "TCP"))]
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
            "spec": {"clusterIP": DNS_ADDRESS, "ports": ports},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "kube-dns-node",
                "namespace": "kube-system",
                "labels": {"kubernetes.io/service-name": "kube-dns"},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
            "ports": ports,
        },
    ]
