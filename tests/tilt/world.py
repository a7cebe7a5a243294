"""Tilt's built-ins, recorded: the Tiltfile runs in a Starlark interpreter, helm and local commands run for real."""

import shlex
import subprocess
from dataclasses import dataclass, field
from typing import Any

import starlark
import yaml

from tests.cluster.tools import program
from tests.e2e.product import ROOT

# Built-ins of Tilt that the Tiltfile may use; what is missing here fails as an unknown name.
PRELUDE = """
config = struct(define_bool = _define_bool, parse = _parse)

def workload_to_resource_function(named):
    _name_workloads([(kind, name, named(struct(kind = kind, name = name))) for kind, name in _workloads()])
"""
RECORDED = ["allow_k8s_contexts", "ci_settings", "docker_build", "k8s_resource", "local_resource", "update_settings"]
WORKLOADS = ("Deployment", "Job", "StatefulSet")


@dataclass(frozen=True)
class Call:
    """One call of a built-in."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass
class World:
    """What a Tiltfile asked for, given the flags after `--`."""

    flags: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    resources: dict[str, str] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)

    def run(self, source: str) -> None:
        """Execute a Tiltfile; StarlarkError and whatever a built-in raises pass."""
        module = starlark.Module()
        for name in RECORDED:
            module.add_callable(name, self._recorder(name))
        for name in ("sync", "run", "fall_back_on"):
            module.add_callable(name, self._step(name))
        for name in ("_define_bool", "_parse", "_name_workloads", "_workloads"):
            module.add_callable(name, getattr(self, name[1:]))
        for name in ("helm", "k8s_yaml", "kustomize", "local"):
            module.add_callable(name, getattr(self, name))
        dialect = starlark.Dialect.extended()
        dialect.enable_top_level_stmt = True
        dialect.enable_f_strings = False
        library = starlark.Globals.extended_by([starlark.LibraryExtension.StructType])
        starlark.eval(module, starlark.parse("Tiltfile", PRELUDE + source, dialect), library)

    def of(self, name: str) -> list[Call]:
        """The calls of one built-in."""
        return [call for call in self.calls if call.name == name]

    def _recorder(self, name: str) -> Any:  # noqa: ANN401 - a callable of any arguments
        def record(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            self.calls.append(Call(name, args, kwargs))

        return record

    def _step(self, name: str) -> Any:  # noqa: ANN401 - a callable of any arguments
        def step(*args: Any) -> dict[str, Any]:  # noqa: ANN401
            return {"step": name, "args": list(args)}

        return step

    def define_bool(self, name: str, usage: str = "") -> None:
        self.defined.add(name)

    def parse(self) -> dict[str, Any]:
        unknown = set(self.flags) - self.defined
        assert not unknown, f"unknown flags {unknown}"
        return self.flags

    def local(self, command: str, **options: Any) -> str:  # noqa: ANN401
        """Runs what only looks; records what would change this checkout."""
        self.calls.append(Call("local", (command,), options))
        if shlex.split(command)[0] != "ls":
            return ""
        return subprocess.run(shlex.split(command), cwd=ROOT, check=True, capture_output=True, text=True).stdout

    def helm(self, chart: str, name: str, namespace: str, values: list[str], **more: list[str]) -> str:
        """The chart, rendered as Tilt does."""
        command = [str(program("helm")), "template", name, chart, "--namespace", namespace, "--kube-version", "1.36.0"]
        command += [part for file in values for part in ("--values", file)]
        command += [part for setting in more.pop("set", []) for part in ("--set", setting)]
        assert not more
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    def kustomize(self, folder: str) -> str:
        self.calls.append(Call("kustomize", (folder,), {}))
        return ""

    def k8s_yaml(self, text: str) -> None:
        if "\n" not in text and text:
            text = (ROOT / text).read_text()
        self.objects += [document for document in yaml.safe_load_all(text) if document]

    def workloads(self) -> list[list[str]]:
        """Kind (as Tilt spells it) and name of each workload so far."""
        found = [document for document in self.objects if document["kind"] in WORKLOADS]
        return [[document["kind"].lower(), document["metadata"]["name"]] for document in found]

    def name_workloads(self, named: list[list[str]]) -> None:
        self.resources = {name: resource for _, name, resource in named}
