"""What a failed test leaves behind: all that the cluster can say about itself in a folder, the end of it on screen."""

import shutil
from pathlib import Path
from typing import Any

from tests.cluster.controlplane import ControlPlane

SUMMARY = {
    "objects.txt": ("get", "all,pvc,endpointslices,ingress", "-o", "wide"),
    "events.txt": ("get", "events", "--sort-by=.lastTimestamp"),
    "pods.txt": ("describe", "pods"),
    "nodes.txt": ("describe", "nodes"),
}


def collect(plane: ControlPlane, namespace: str, folder: Path) -> str:
    """Write all that is known about a namespace into `folder`; return the part worth reading first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, command in SUMMARY.items():
        (folder / name).write_text(said(plane, namespace, *command))
    for pod in plane.get("pods", f"--namespace={namespace}"):
        for container in containers(pod):
            name = f"{pod['metadata']['name']}.{container}"
            for kind in ("", "--previous"):
                log = said(plane, namespace, "logs", pod["metadata"]["name"], f"--container={container}", *kind.split())
                if not kind or not log.startswith("Error"):
                    (folder / f"{name}{kind}.log").write_text(log)
    shutil.copytree(plane.state / "logs", folder / "node", dirs_exist_ok=True)
    return summary(plane, namespace, folder)


def summary(plane: ControlPlane, namespace: str, folder: Path) -> str:
    """The pods, the last events, and the last words of each container that is not well."""
    parts = [f"Collected in {folder}", said(plane, namespace, "get", "pods", "-o", "wide")]
    parts.append(_tail(folder / "events.txt", 25))
    for pod in plane.get("pods", f"--namespace={namespace}"):
        if pod["status"]["phase"] == "Succeeded" or is_ready(pod):
            continue
        for log in sorted(folder.glob(f"{pod['metadata']['name']}.*.log")):
            parts.append(f"--- {log.name}\n{_tail(log, 25)}")
    return "\n".join(parts)


def said(plane: ControlPlane, namespace: str, *command: str) -> str:
    """What kubectl says, in and out."""
    done = plane.try_kubectl(*command, f"--namespace={namespace}")
    return done.stdout + done.stderr


def containers(pod: dict[str, Any]) -> list[str]:
    """Names of a pod's containers, those that run first in front."""
    spec = pod["spec"]
    return [each["name"] for each in (*spec.get("initContainers", []), *spec["containers"])]


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether a pod takes traffic and is not on its way out."""
    if "deletionTimestamp" in pod["metadata"]:
        return False
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))


def _tail(file: Path, lines: int) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
