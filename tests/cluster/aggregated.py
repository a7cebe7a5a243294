"""Further APIs of a cluster, served by programs beside its API server."""

import base64
from typing import Any

from .controlplane import ControlPlane
from .until import until


def register(plane: ControlPlane, group: str, version: str, name: str, port: int) -> None:
    """Lets the API server pass GROUP/VERSION on to the program that listens on a port of the node's address.

    Its certificate is the one that `certificate` issued under this name. Returns when the API is reachable.
    """
    plane.apply(
        service(name, port), endpoints(plane, name, port), api(plane, group, version, name), namespace="kube-system"
    )
    until(lambda: available(plane, group, version), f"{version}.{group} is available")


def certificate(plane: ControlPlane, name: str) -> list[str]:
    """Issues a server certificate for the Service of this name; returns the two flags that most programs take."""
    plane.pki.issue(name, name, hosts=(f"{name}.kube-system.svc", f"{name}.kube-system"))
    return [f"--tls-cert-file={plane.pki.crt(name)}", f"--tls-private-key-file={plane.pki.key(name)}"]


def available(plane: ControlPlane, group: str, version: str) -> bool:
    """What the API server thinks of it."""
    conditions = plane.get("apiservice", f"{version}.{group}").get("status", {}).get("conditions", [])
    return {found["type"]: found["status"] for found in conditions}.get("Available") == "True"


def service(name: str, port: int) -> dict[str, Any]:
    """A Service without a selector: its endpoints are written by hand."""
    ports = [{"name": "https", "port": 443, "targetPort": port}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": ports}}


def endpoints(plane: ControlPlane, name: str, port: int) -> dict[str, Any]:
    """The one endpoint of such a Service."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": [plane.address], "conditions": {"ready": True}}],
    }


def api(plane: ControlPlane, group: str, version: str, name: str) -> dict[str, Any]:
    """The APIService that points at it."""
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"{version}.{group}"},
        "spec": {
            "group": group,
            "version": version,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "service": {"name": name, "namespace": "kube-system"},
            "caBundle": base64.b64encode(plane.pki.crt("ca").read_bytes()).decode(),
        },
    }
