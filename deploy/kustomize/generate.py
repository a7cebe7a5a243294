"""Writes base/ and components/ from the chart, for people who want no Helm: `generate.py HELM [FOLDER]`.

One render holds everything; it is parted by component. What another choice of values adds to it becomes a component:
new objects as resources, new variables of containers as a patch. Any other difference is an error here, so that a
change of the chart cannot get lost.
"""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
CHART = HERE.parent / "helm" / "halftone"
NAMESPACE = "halftone"
HEAD = "# From deploy/helm/halftone, by deploy/kustomize/generate.py: change the chart, then `make gen`.\n"
COMPONENT = "app.kubernetes.io/component"
POOLS = {"compute-cpu": "cpu", "compute-gpu": "gpu"}

# What a cluster would say about itself; a Helm without one guesses.
OF_CLUSTER = ["--kube-version", "1.36.0"]
EMBEDDED = ["database.mode=embedded", "redis.mode=embedded", "objectStorage.mode=embedded"]
KEDA = ["autoscaling.mode=keda", "autoscaling.keda.prometheusUrl=http://prometheus.monitoring:9090"]
MONITORING = [
    f"monitoring.{part}.enabled=true" for part in ("podMonitor", "serviceMonitor", "prometheusRule", "dashboards")
]
NETPOL = ["networkPolicy.enabled=true"]

Object = dict[str, Any]
Objects = dict[tuple[str, str], Object]


class Dumper(yaml.SafeDumper):
    """Long texts as blocks, as people write them."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _text)


def dump(*documents: object) -> str:
    """YAML in the order of its keys."""
    return yaml.dump_all(documents, Dumper=Dumper, sort_keys=False, width=1000, explicit_start=len(documents) > 1)


def render(helm: str, *settings: str) -> Objects:
    """The chart's objects with values.yaml and these settings, without what only Helm understands."""
    command = [helm, "template", "halftone", str(CHART), "--namespace", NAMESPACE, "--skip-tests", *OF_CLUSTER]
    command += ["--values", str(HERE / "values.yaml"), *(part for setting in settings for part in ("--set", setting))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = [document for document in yaml.safe_load_all(done.stdout) if document]
    return {(document["kind"], document["metadata"]["name"]): without_helm(document) for document in found}


def without_helm(document: Object) -> Object:
    """Marks an object as managed by kustomize; its namespace is set in one place."""
    document["metadata"].pop("namespace", None)
    templates = [document["metadata"], document.get("spec", {}).get("template", {}).get("metadata", {})]
    for metadata in templates:
        labels = metadata.get("labels", {})
        labels.pop("helm.sh/chart", None)
        labels.pop("app.kubernetes.io/managed-by", None)
    return document


def component(document: Object) -> str:
    """The component that an object belongs to."""
    name: str = document["metadata"]["labels"][COMPONENT]
    return name


def added(before: Objects, after: Objects) -> Objects:
    """Objects that only `after` has."""
    return {key: document for key, document in after.items() if key not in before}


def containers(document: Object) -> Iterator[Object]:
    """The containers of a workload."""
    spec = document.get("spec", {}).get("template", {}).get("spec", {})
    yield from spec.get("containers", [])


def added_variables(before: Objects, after: Objects) -> dict[str, list[Object]]:
    """Component → variables that its container has in `after` only; ValueError for any other difference."""
    found: dict[str, list[Object]] = {}
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        if old == new:
            continue
        for one, other in zip(containers(old), containers(new), strict=True):
            extra = [variable for variable in other["env"] if variable not in one["env"]]
            other["env"] = [variable for variable in other["env"] if variable not in extra]
            found[component(old)] = extra
        if old != new:
            raise ValueError(f"{'/'.join(key)} differs in more than variables: a component cannot say that")
    return found


def variables_patch(found: dict[str, list[Object]]) -> list[Object]:
    """One patch for all workloads that get the same variables; an overlay may lack some of them."""
    (variables,) = {dump(extra) for extra in found.values()}
    operations = [
        {"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": variable}
        for variable in yaml.safe_load(variables)
    ]
    selector = f"{COMPONENT} in ({', '.join(sorted(found))})"
    return [{"target": {"kind": "Deployment", "labelSelector": selector}, "patch": dump(operations)}]


def deletions(gone: Iterable[Object]) -> list[Object]:
    """A patch that removes every object of the kinds that are gone; an overlay may lack some of them."""
    kinds = sorted({(document["apiVersion"], document["kind"]) for document in gone})
    return [
        {
            "target": {"kind": kind},
            "patch": dump({"apiVersion": version, "kind": kind, "metadata": {"name": "any"}, "$patch": "delete"}),
        }
        for version, kind in kinds
    ]


def united(one: Objects, other: Objects) -> Objects:
    """Policies that allow what either allows: one set for stores inside the cluster and outside of it."""
    result = {**one, **added(one, other)}
    for key in one.keys() & other.keys():
        for direction in ("ingress", "egress"):
            rules = one[key]["spec"].get(direction) or []
            more = [rule for rule in other[key]["spec"].get(direction) or [] if rule not in rules]
            if more:
                result[key]["spec"][direction] = [*rules, *more]
    return result


class Writer:
    """Files of one run, by their paths below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def kustomization(self, path: str, objects: Objects, kind: str = "Component", **more: object) -> None:
        """Write a folder: a file for each component of the objects, and kustomization.yaml."""
        files: dict[str, list[Object]] = defaultdict(list)
        for document in objects.values():
            files[f"{component(document)}.yaml"].append(document)
        for name, documents in files.items():
            self._write(f"{path}/{name}", dump(*documents))
        version = "kustomize.config.k8s.io/" + ("v1alpha1" if kind == "Component" else "v1beta1")
        head = {"apiVersion": version, "kind": kind, "resources": sorted(files)}
        self._write(f"{path}/kustomization.yaml", dump({**head, **more}))

    def _write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(HEAD + text)


def write(helm: str, folder: Path) -> None:
    """Write everything below `folder`."""
    whole = render(helm)
    writer = Writer(folder)
    base = {key: document for key, document in whole.items() if component(document) not in POOLS}
    writer.kustomization("base", base, "Kustomization", namespace=NAMESPACE)
    for name, short in POOLS.items():
        pool = {key: document for key, document in whole.items() if component(document) == name}
        writer.kustomization(f"components/{short}", pool)

    embedded = render(helm, *EMBEDDED)
    patch = variables_patch(added_variables(whole, embedded))
    writer.kustomization("components/embedded-db", added(whole, embedded), patches=patch)

    keda = render(helm, *KEDA)
    scalers = added(whole, keda)
    gone = added(keda, whole).values()
    writer.kustomization(
        "components/keda",
        {key: document for key, document in scalers.items() if component(document) not in POOLS},
        patches=deletions(gone),
    )
    for name, short in POOLS.items():
        own = {key: document for key, document in scalers.items() if component(document) == name}
        writer.kustomization(f"components/keda/{short}", own)

    writer.kustomization("components/monitoring", added(whole, render(helm, *MONITORING)))
    policies = united(added(whole, render(helm, *NETPOL)), added(embedded, render(helm, *NETPOL, *EMBEDDED)))
    writer.kustomization("components/netpol", policies)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else HERE)
