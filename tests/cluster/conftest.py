"""One control plane for T1 and T2, with fake nodes and metrics that tests set."""

import itertools
import shutil
from collections.abc import Iterator

import pytest

from . import crds, kwok, tools
from .controlplane import ControlPlane, running
from .metrics import Metrics
from .rooms import restricted_namespace

NVIDIA = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "nvidia"}, "handler": "nvidia"}
# The controller manager makes its volumes: folders that no fake pod writes to.
STORAGE = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "kubernetes.io/host-path",
}

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A control plane without nodes, of a name of its own for each version that is asked for."""
    with running(f"halftone{tools.kubernetes().replace('.', '-')}") as started:
        yield started


@pytest.fixture(scope="session")
def kinds(plane: ControlPlane) -> Iterator[ControlPlane]:
    """The control plane, with the kinds that the chart may make."""
    crds.install(plane)
    plane.apply(NVIDIA, STORAGE)
    yield plane
    for volume in plane.get("persistentvolumes"):
        shutil.rmtree(volume["spec"]["hostPath"]["path"], ignore_errors=True)


@pytest.fixture(scope="session")
def fakes(kinds: ControlPlane) -> ControlPlane:
    """The control plane with kwok and three nodes in three zones, none with a card."""
    kwok.start(kinds)
    for zone in "abc":
        kwok.add(kinds, f"cpu-{zone}", zone)
    return kinds


@pytest.fixture(scope="session")
def metrics(fakes: ControlPlane) -> Iterator[Metrics]:
    """Custom metrics and CPU use that tests set."""
    served = Metrics(fakes)
    served.start()
    served.start_usage()
    yield served
    served.close()


@pytest.fixture
def room(kinds: ControlPlane) -> Iterator[str]:
    """A fresh namespace in which nothing unrestricted may run; its name."""
    with restricted_namespace(kinds, f"room-{next(numbers)}") as name:
        yield name
