"""The node is a real one: restricted pods, Services, names, and as many cards as it says."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import images
from tests.cluster.node import CARD, Node
from tests.cluster.until import until

pytestmark = pytest.mark.cluster

SERVE = "import http.server; http.server.test(http.server.SimpleHTTPRequestHandler, port=8080)"
ASK = "import urllib.request; print(urllib.request.urlopen('http://web.trial.svc.cluster.local', timeout=5).status)"
LOCKED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(name: str, script: str, cards: int = 0) -> dict[str, Any]:
    """A pod that runs a Python script in an image of ours and can do nothing else."""
    container: dict[str, Any] = {
        "name": "python",
        "image": images.reference("gateway"),
        "imagePullPolicy": "Never",
        "command": ["python", "-c", script],
        "workingDir": "/app",
        "securityContext": LOCKED,
    }
    if cards:
        container["resources"] = {"limits": {CARD: str(cards)}}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}


def inside(node: Node, name: str, *command: str) -> str:
    """Run a command in a pod and return what it printed, errors and all."""
    done = node.plane.try_kubectl("exec", name, "--namespace=trial", "--", *command)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def trial(node: Node) -> Iterator[Node]:
    """A restricted namespace with a web server behind a Service, and a pod beside it."""
    plane = node.plane
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "trial", "labels": labels}})
    until(lambda: not plane.try_kubectl("get", "sa", "default", "--namespace=trial").returncode, "an account for pods")
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    idle = "import signal; signal.pause()"
    plane.apply(pod("web", SERVE), service, pod("idle", idle), namespace="trial")
    plane.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=240s", "--namespace=trial")
    yield node
    plane.kubectl("delete", "namespace", "trial", "--timeout=240s")


def test_a_restricted_pod_is_locked_in(trial: Node) -> None:
    status = dict(line.split(":\t", 1) for line in inside(trial, "idle", "cat", "/proc/self/status").splitlines())
    assert {status[f"Cap{kind}"].strip("0") for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {""}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert inside(trial, "idle", "id", "-u").strip() == "10001"
    assert "Read-only file system" in inside(trial, "idle", "touch", "/app/file")


def test_a_service_answers_by_its_name_inside_a_pod(trial: Node) -> None:
    until(lambda: inside(trial, "idle", "python", "-c", ASK).strip() == "200", "the Service answers", 120)


def test_of_three_pods_that_want_a_card_two_run(trial: Node) -> None:
    idle = "import signal; signal.pause()"
    trial.plane.apply(*(pod(f"card-{index}", idle, cards=1) for index in range(3)), namespace="trial")

    def phases() -> list[str]:
        pods = trial.plane.get("pods", "--namespace=trial")
        return sorted(each["status"]["phase"] for each in pods if each["metadata"]["name"].startswith("card-"))

    until(lambda: phases() == ["Pending", "Running", "Running"], "two pods with cards", 180)

    def told() -> bool:
        events = trial.plane.kubectl("get", "events", "--namespace=trial", "--field-selector=reason=FailedScheduling")
        return f"Insufficient {CARD}" in events

    until(told, "an event that says what the third one lacks")


def test_a_killed_container_is_started_again(trial: Node) -> None:
    trial.kill("trial", "web")

    def restarted() -> bool:
        (status,) = trial.plane.get("pod", "web", "--namespace=trial")["status"]["containerStatuses"]
        return bool(status["restartCount"] >= 1 and status["ready"])

    until(restarted, "the container runs again", 120)
