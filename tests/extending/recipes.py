"""The recipes of docs/extending.md: what they write, and a copy of Halftone that they are carried out on."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.repo.files import ROOT, tracked

DOCUMENT = ROOT / "docs" / "extending.md"
SECTION = re.compile(r"^## (\w[\w ]*): (\d+) files?$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^`([^`\n]+)`:\n\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What is copied of the repository: all that runs in Python or Node, and what it is generated from.
COPIED = ("deploy/embedded", "docs", "frontend", "libs", "proto", "services", "tests/repo", "pyproject.toml")
SOURCES = ("libs/contracts", "libs/servicekit", "libs/views", "libs/wire")
SERVICES = ("services/auth-django", "services/compute-grpc", "services/gateway-fastapi")


@dataclass(frozen=True)
class Recipe:
    """One section: how many files it says that it takes, and path → (language, block) of those that it shows."""

    name: str
    stated: int
    files: Mapping[str, tuple[str, str]]

    def write_below(self, root: Path) -> None:
        """Carries the recipe out: writes its new files, and changes the others as their `diff` says."""
        for name, (language, block) in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(changed(path.read_text(), block) if language == "diff" else block)


@cache
def recipes() -> dict[str, Recipe]:
    """Every recipe by the word in its heading: `A reduction` → `reduction`."""
    found = {}
    for heading, stated, body in SECTION.findall(DOCUMENT.read_text()):
        files = {path: (language, block) for path, language, block in FILE.findall(body)}
        name = heading.rpartition(" ")[2]
        found[name] = Recipe(name, int(stated), files)
    return found


def changed(text: str, diff: str) -> str:
    """A text after a diff whose hunks are found by their lines alone. Raises `ValueError` for one that does not fit."""
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        if lines and text.count(old) != 1:
            raise ValueError(f"a hunk fits {text.count(old)} places:\n{hunk}")
        text = text.replace(old, new) if lines else text
    return text


def copy_below(root: Path) -> None:
    """Copies what is under version control and runs in Python or Node. Packages of Node are those of the repository."""
    for path in tracked():
        if str(path).startswith(COPIED):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, root / path)
            shutil.copymode(ROOT / path, root / path)
    (root / "frontend" / "node_modules").symlink_to(ROOT / "frontend" / "node_modules")


def run_in(root: Path, *command: str, extensions: Iterable[Path] = (), **variables: str) -> str:
    """What a command prints on the copy, whose packages come before the installed ones. Fails with what it printed."""
    packages = [root / name / "src" for name in (*SOURCES, *SERVICES)]
    return run([*extensions, root, root / "deploy" / "embedded", *packages], root, *command, **variables)


def run(paths: Iterable[Path], folder: Path, *command: str, **variables: str) -> str:
    """What a command prints that is run in a folder, with these folders on PYTHONPATH. Fails with what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HALFTONE_", "PYTEST_"))}
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), **variables}
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
