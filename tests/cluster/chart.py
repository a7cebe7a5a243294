"""The chart in tests: rendering it, installing it, reading what came out."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .controlplane import ControlPlane
from .tools import program
from .tools import version as version_of

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "halftone"
HELMS = ("helm", "helm3")


class HelmFailed(RuntimeError):  # noqa: N818 - says what happened
    """helm ended with an error; the message is its own."""


def matrix() -> list[Path]:
    """The files of values that the chart promises to work with."""
    return sorted((CHART / "ci").glob("*.yaml"))


def helm(plane: ControlPlane, version: str, *arguments: str | Path) -> str:
    """Runs helm ("helm" is 4, "helm3" is 3) as administrator of a cluster; raises HelmFailed."""
    homes = [f"HELM_{name.upper()}_HOME={plane.state / version / name}" for name in ("cache", "config", "data")]
    command = ["env", *homes, program(version), f"--kubeconfig={plane.kubeconfig}", *arguments]
    return _helm(plane.namespace.entering(*command))


@cache
def rendered(version: str, values: Path | None, namespace: str) -> list[dict[str, Any]]:
    """Every object of `helm template`; to be read, not changed."""
    given = ["--values", str(values)] if values else []
    settings = ["--namespace", namespace, "--kube-version", version_of("kube-apiserver"), *given]
    text = _helm([str(program(version)), "template", "halftone", str(CHART), *settings])
    return [found for found in yaml.safe_load_all(text) if found]


def _helm(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HelmFailed(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def pod_of(found: dict[str, Any]) -> dict[str, Any] | None:
    """The pod that an object makes: its template as a Pod of its own; None for objects that make none."""
    template = found if found["kind"] == "Pod" else (found.get("spec") or {}).get("template")
    if found["kind"] == "CronJob":
        template = found["spec"]["jobTemplate"]["spec"]["template"]
    if not isinstance(template, dict) or "containers" not in template.get("spec", {}):
        return None
    name = {"name": f"{found['kind'].lower()}-{found['metadata']['name']}"}
    labels = template.get("metadata", {}).get("labels", {})
    claims = [claim["metadata"]["name"] for claim in found["spec"].get("volumeClaimTemplates", [])]
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]
    spec = template["spec"] | {"volumes": [*template["spec"].get("volumes", []), *volumes]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**name, "labels": labels}, "spec": spec}
