"""Dockerfiles of what runs in a cluster: locked, slim, without privileges, nothing between signal and process."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from .files import ROOT, tracked

FILES = [path for path in tracked() if path.name == "Dockerfile"]
BASE = "ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim"
LABELS = {f"org.opencontainers.image.{name}" for name in ("title", "version", "revision", "licenses")}


@dataclass(frozen=True)
class Dockerfile:
    path: Path

    @cached_property
    def text(self) -> str:
        return (ROOT / self.path).read_text()

    @cached_property
    def steps(self) -> list[tuple[str, str]]:
        """(instruction, the rest) in order, lines joined, comments left out."""
        plain = re.sub(r"^#.*\n", "", self.text, flags=re.MULTILINE)
        lines = re.sub(r"\\\n\s*", "", plain).splitlines()
        return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line)]

    @cached_property
    def stages(self) -> dict[str, list[tuple[str, str]]]:
        """The steps of each stage by its name, FROM first; the last without a name is called `final`."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, rest in self.steps:
            if name == "FROM":
                found[rest.partition(" AS ")[2] or "final"] = current = []
            if found:
                current.append((name, rest))
        return found

    def shipped(self, stage: str) -> list[tuple[str, str]]:
        """Steps that make up an image: a stage's own, after those of the stage that it stands on."""
        steps = self.stages[stage]
        parent = steps[0][1].partition(" AS ")[0]
        return [*(self.shipped(parent) if parent in self.stages else []), *steps]

    @property
    def images(self) -> list[str]:
        """Stages that are images: those that say what they are."""
        return [name for name, steps in self.stages.items() if any(step == "LABEL" for step, _ in steps)]


PAIRS = [(file, image) for file in map(Dockerfile, FILES) for image in file.images]
IMAGES = [pytest.param(file, image, id=f"{file.path}:{image}") for file, image in PAIRS]


def last(steps: list[tuple[str, str]], name: str) -> str:
    return [rest for step, rest in steps if step == name][-1]


def test_all_are_found() -> None:
    assert len(FILES) == 4
    assert len(IMAGES) == 5


@pytest.mark.parametrize("path", FILES, ids=str)
def test_one_base_by_argument_and_no_moving_tag(path: Path) -> None:
    file = Dockerfile(path)
    assert BASE in file.text
    bases = {steps[0][1].partition(" AS ")[0] for steps in file.stages.values()}
    assert bases <= {"${BASE_IMAGE}", *file.stages}
    assert ":latest" not in file.text
    assert "HEALTHCHECK" not in file.text


@pytest.mark.parametrize(("file", "image"), IMAGES)
def test_an_image_runs_one_process_without_privileges(file: Dockerfile, image: str) -> None:
    steps = file.shipped(image)
    assert last(steps, "USER") == "10001:10001"
    assert isinstance(json.loads(last(steps, "CMD")), list)
    assert last(steps, "STOPSIGNAL") in {"SIGTERM", "SIGQUIT"}
    assert "ENTRYPOINT" not in dict(steps)
    assert set(re.findall(r"([\w.]+)=\"", last(steps, "LABEL"))) == LABELS


@pytest.mark.parametrize(("file", "image"), IMAGES)
def test_an_image_holds_no_tools_of_its_building(file: Dockerfile, image: str) -> None:
    installed = " ".join(rest for step, rest in file.shipped(image) if step == "RUN")
    assert not re.search(r"\b(gcc|build-essential|binutils|pip|python3-venv|uv|npm|node)\b", installed)
    assert "--no-install-recommends" in installed
    assert "rm -rf /var/lib/apt/lists/*" in installed


@pytest.mark.parametrize("path", FILES, ids=str)
def test_what_is_fetched_is_held_against_a_lock(path: Path) -> None:
    commands = " ".join(rest for step, rest in Dockerfile(path).steps if step == "RUN")
    for command in re.findall(r"pip install[^&]*", commands):
        assert "--require-hashes" in command
    for command in re.findall(r"uv (?:sync|export)[^&|]*", commands):
        assert "--frozen" in command
    assert "npm install" not in commands


def test_every_image_is_built_by_name() -> None:
    script = (ROOT / "deploy" / "images" / "build.sh").read_text()
    names = re.findall(r"auth gateway [\w -]+web", script)[0].split()
    titles = {last(file.shipped(image), "LABEL").split('"')[1] for file, image in PAIRS}
    assert titles == {f"halftone-{name}" for name in names}
