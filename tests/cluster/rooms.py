"""Namespaces of a cluster, as operators should make them for Halftone: nothing unrestricted may run there."""

from collections.abc import Iterator
from contextlib import contextmanager

from .controlplane import ControlPlane


@contextmanager
def restricted_namespace(plane: ControlPlane, name: str) -> Iterator[str]:
    """A namespace that enforces the restricted Pod Security standard and warns of it; deleted at the end."""
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    try:
        yield name
    finally:
        plane.kubectl("delete", "namespace", name, "--wait=false")
