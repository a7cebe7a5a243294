"""A release of the chart on a test cluster."""

import itertools
from collections.abc import Mapping
from typing import Any

import yaml

from .chart import CHART, HelmFailed, helm
from .controlplane import ControlPlane
from .until import settled, until

WAITING = ("--wait", "--timeout=300s")

numbers = itertools.count(1)


class Release:
    """`halftone` in a namespace, kept by one version of Helm. Values are given whole each time, as files are."""

    def __init__(self, plane: ControlPlane, namespace: str, version: str = "helm") -> None:
        self.plane, self.namespace, self.version = plane, namespace, version

    def install(self, values: Mapping[str, Any], *, wait: bool = True) -> None:
        """`helm install`, and until everything is ready."""
        self._helm("install", values, wait)

    def upgrade(self, values: Mapping[str, Any], *, wait: bool = True) -> None:
        """`helm upgrade` with these values."""
        self._helm("upgrade", values, wait)

    def rollback(self, revision: int) -> None:
        """`helm rollback`, and until everything is ready."""
        options = [f"--namespace={self.namespace}", *WAITING]
        helm(self.plane, self.version, "rollback", "halftone", str(revision), *options)

    def get(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """Objects of its namespace as data."""
        return self.plane.get(*arguments, f"--namespace={self.namespace}")

    def kubectl(self, *arguments: str) -> str:
        """kubectl in its namespace."""
        return self.plane.kubectl(*arguments, f"--namespace={self.namespace}")

    def pods(self, component: str) -> list[dict[str, Any]]:
        """The pods of a component that are not going away."""
        found = self.get("pods", f"--selector={selector(component)}")
        return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]

    def replicas(self, component: str) -> int:
        """The replica count that a Deployment asks for."""
        return int(self.get("deployment", f"halftone-{component}")["spec"]["replicas"])

    def settle(self, component: str, expected: int, seconds: float = 90, hold: float = 3) -> None:
        """Waits until a tier has so many replicas, all of them made, and holds them.

        A controller that stood still for longer than its window may take a step too many, and takes it back.
        """

        def seen() -> tuple[int, int]:
            return self.replicas(component), len(self.pods(component))

        settled(seen, (expected, expected), f"replicas and pods of {component}", seconds, hold)

    def event(self, reason: str, text: str, seconds: float = 60) -> str:
        """Waits for an event of this reason whose message holds a text; returns the message."""
        return until(lambda: self._message(reason, text), f"an event {reason} with {text!r}", seconds)

    def _message(self, reason: str, text: str) -> str:
        events = self.get("events", f"--field-selector=reason={reason}")
        return next((event["message"] for event in events if text in event["message"]), "")

    def _helm(self, verb: str, values: Mapping[str, Any], wait: bool) -> None:
        path = self.plane.state / f"values-{next(numbers)}.yaml"
        path.write_text(yaml.safe_dump(dict(values)))
        options = [f"--namespace={self.namespace}", f"--values={path}", *(WAITING if wait else [])]
        try:
            helm(self.plane, self.version, verb, "halftone", CHART, *options)
        except HelmFailed as failed:
            raise HelmFailed(f"{failed}\n{self.kubectl('get', 'all')}") from failed


def selector(component: str) -> str:
    """Labels of the pods of a component."""
    return f"app.kubernetes.io/instance=halftone,app.kubernetes.io/component={component}"


def node_of(pod: dict[str, Any]) -> str:
    """The node a pod is bound to; "" for one that waits."""
    return str(pod["spec"].get("nodeName", ""))


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether a pod is Ready."""
    conditions = pod["status"].get("conditions", [])
    return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)
