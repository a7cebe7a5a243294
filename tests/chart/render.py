"""What Helm makes of the chart, once for each set of values, and questions about it."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jmespath
import yaml

from tests.cluster.tools import program

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "halftone"
MATRIX = sorted(path.stem for path in (CHART / "ci").glob("*.yaml"))
POD_TEMPLATES = ("Deployment", "StatefulSet", "DaemonSet", "Job")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Document = dict[str, Any]


@dataclass(frozen=True)
class Pod:
    """A pod, or the template of some."""

    owner: str
    component: str
    labels: dict[str, str]
    spec: Document

    def containers(self) -> list[Document]:
        """All of them, those that run first included."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    def main(self) -> Document:
        """The container that does the work."""
        (container,) = self.spec["containers"]
        return dict(container)


@dataclass(frozen=True)
class Release:
    """The objects of one render."""

    objects: tuple[Document, ...]

    def of(self, kind: str) -> list[Document]:
        """All objects of a kind."""
        return [item for item in self.objects if item["kind"] == kind]

    def names(self, kind: str) -> set[str]:
        """Their names."""
        return {item["metadata"]["name"] for item in self.of(kind)}

    def one(self, kind: str, name: str) -> Document:
        """The object of a kind and name."""
        (found,) = [item for item in self.of(kind) if item["metadata"]["name"] == name]
        return found

    def ask(self, kind: str, name: str, question: str) -> object:
        """What a JMESPath expression finds in an object."""
        return jmespath.search(question, self.one(kind, name))

    def pods(self) -> Iterator[Pod]:
        """Every pod that the release may start."""
        for item in self.objects:
            if item["kind"] in POD_TEMPLATES:
                metadata, spec = item["spec"]["template"]["metadata"], item["spec"]["template"]["spec"]
            elif item["kind"] == "Pod":
                metadata, spec = item["metadata"], item["spec"]
            else:
                continue
            labels = metadata["labels"]
            owner = f"{item['kind']}/{item['metadata']['name']}"
            yield Pod(owner, labels["app.kubernetes.io/component"], labels, spec)

    def pod(self, component: str) -> Pod:
        """The pod of a component."""
        (found,) = [pod for pod in self.pods() if pod.component == component]
        return found

    def environment(self, component: str) -> dict[str, Any]:
        """The environment of a component's main container: texts, or where a value comes from."""
        return {
            entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in self.pod(component).main()["env"]
        }


def matrix(name: str, helm: str = "helm") -> Release:
    """The render of a file of the matrix."""
    return _parsed(_text(helm, str(CHART / "ci" / f"{name}.yaml"), "{}"))


def render(base: str = "default", /, **values: object) -> Release:
    """The render of a file of the matrix with more values on top."""
    return _parsed(_text("helm", str(CHART / "ci" / f"{base}.yaml"), json.dumps(values, sort_keys=True)))


def refusal(base: str = "default", /, **values: object) -> str:
    """What Helm says against values. Fails when it says nothing."""
    done = template("-f", str(CHART / "ci" / f"{base}.yaml"), *_flags(json.dumps(values)))
    assert done.returncode, "these values were accepted"
    return done.stderr


def template(
    *arguments: str, helm: str = "helm", chart: Path = CHART, release: str = "halftone"
) -> subprocess.CompletedProcess[str]:
    """Runs `helm template`. A Helm that was built from source may take itself for one of an old Kubernetes."""
    version = [] if "--kube-version" in arguments else ["--kube-version", "1.36.4"]
    command = [str(program(helm)), "template", release, str(chart), "--namespace", "pictures", *version, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _flags(values: str) -> list[str]:
    return [part for key, value in json.loads(values).items() for part in ("--set-json", f"{key}={json.dumps(value)}")]


@cache
def _text(helm: str, file: str, values: str) -> str:
    done = template("-f", file, *_flags(values), helm=helm)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def _parsed(text: str) -> Release:
    documents = yaml.load_all(text, Loader=LOADER)
    return Release(tuple(document for document in documents if document))
