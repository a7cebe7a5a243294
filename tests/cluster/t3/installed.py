"""Halftone on the real node: installed by helm as the README says, with an edge in front and a way in from outside."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.cluster import images
from tests.cluster.chart import CHART, ROOT, helm
from tests.cluster.controlplane import ControlPlane
from tests.cluster.node import Node
from tests.cluster.until import until

from . import edge, volumes
from .evidence import collect, is_ready
from .way_in import WayIn

VALUES = CHART / "ci" / "single-node.yaml"
FAILED = ROOT / ".tools" / "cluster-failed"
HOST = "halftone.test"
# What every installation says for itself: where people open it, and that an Ingress leads there.
OUTSIDE = (f"publicUrls={{https://{HOST}}}", "edge.ingress.enabled=true", f"edge.ingress.hosts={{{HOST}}}")
EMAIL = "admin@halftone.local"
READY_SECONDS = 180
# What the edge says for a Service that it cannot reach.
UNROUTED = (502, 503, 504)


@dataclass
class Installed:
    """One release of the chart in a namespace of its own."""

    node: Node
    namespace: str = "halftone"
    # What the installation took: seconds, and containers that had to be started again.
    seconds: float = 0.0
    restarts: int = 0
    way: WayIn = field(init=False)
    # What the edge passes on.
    paths: list[str] = field(init=False)

    @property
    def plane(self) -> ControlPlane:
        """The cluster."""
        return self.node.plane

    @property
    def url(self) -> str:
        """Origin of the web app."""
        return self.way.url

    # ---- installing

    def install(self) -> None:
        """Make a restricted namespace and volumes, run `helm install`, note the seconds until every pod was ready."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        named = {"name": self.namespace, "labels": labels}
        self.plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": named})
        self.plane.apply(*volumes.offered(self.node.folder / "disks", self.node.name, 4))
        began = time.monotonic()
        own = self.plane.state / "images.yaml"
        own.write_text(yaml.safe_dump(images.values()))
        outside = [f"--set={each}" for each in OUTSIDE]
        self.helm("install", "halftone", CHART, f"--values={VALUES}", f"--values={own}", *outside)
        self.wait_for(self.all_ready, "every pod is ready", READY_SECONDS)
        self.seconds = time.monotonic() - began
        self.restarts = sum(status["restartCount"] for pod in self.pods() for status in statuses(pod))
        (route,) = self.plane.get("ingress", f"--namespace={self.namespace}")
        self.paths = [each.path for each in edge.routes(route)]
        self.way = WayIn(self.plane, edge.start(self.plane, route))
        self.wait_for(self.answers, "the services at the edge", 120)

    def helm(self, *arguments: str | Path) -> str:
        """Run helm in the namespace."""
        return helm(self.plane, "helm", *arguments, f"--namespace={self.namespace}")

    def wait_for(self, look: Callable[[], object], what: str, seconds: float) -> None:
        """Wait for something of the cluster; when it does not come, keep and show what the cluster says."""
        try:
            until(look, what, seconds, every=0.5)
        except AssertionError:
            print(self.collect(what))
            raise

    def collect(self, what: str) -> str:
        """Keep all that the cluster can say about itself; return the part worth reading first."""
        name = "".join(letter if letter.isalnum() else "-" for letter in what)
        return collect(self.plane, self.namespace, FAILED / name)

    # ---- looking

    def pods(self, component: str = "") -> list[dict[str, Any]]:
        """Return the pods, of one component or all, that are not on their way out."""
        selector = [f"--selector=app.kubernetes.io/component={component}"] if component else []
        found = self.plane.get("pods", f"--namespace={self.namespace}", *selector)
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def all_ready(self) -> bool:
        """Whether every pod that shall run is ready, and there is one for each replica that is wanted."""
        pods = self.pods()
        kinds = self.plane.get("deployments,statefulsets", f"--namespace={self.namespace}")
        wanted = sum(each["spec"]["replicas"] for each in kinds)
        running = [pod for pod in pods if pod["status"]["phase"] != "Succeeded"]
        return len(running) == wanted > 0 and all(map(is_ready, running))

    def ready(self, component: str) -> list[str]:
        """Names of the ready pods of a component."""
        return [pod["metadata"]["name"] for pod in self.pods(component) if is_ready(pod)]

    def rolled_out(self, *components: str) -> None:
        """Wait until Deployments are as they were last told to be, with no pod of before."""
        for component in components:
            deployment = f"deployment/halftone-{component}"
            self.plane.kubectl("rollout", "status", deployment, "--timeout=240s", f"--namespace={self.namespace}")

    def secret(self, name: str, key: str) -> str:
        """Return a value of one of the release's secrets."""
        found = self.plane.get("secret", f"halftone-{name}", f"--namespace={self.namespace}")
        return base64.b64decode(found["data"][key]).decode()

    @property
    def password(self) -> str:
        """The first administrator's, as the chart has made it."""
        return self.secret("admin", "password")

    def answers(self) -> bool:
        """Whether the edge gives out the app and reaches every Service: a pod is Ready before it is routed to."""
        try:
            with self.way.client() as anyone:
                routed = all(anyone.get(path).status_code not in UNROUTED for path in self.paths)
                return routed and anyone.get("/").is_success
        except httpx2.TransportError:
            return False

    def sign_in(self) -> httpx2.Client:
        """Return the administrator's REST client, through the edge; close it."""
        return self.way.sign_in(EMAIL, self.password)


def statuses(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """What is known of a pod's containers."""
    found: list[dict[str, Any]] = pod["status"].get("containerStatuses", [])
    return found
