"""A compose file as Docker Compose understands it: by the loader of the Compose Specification itself."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.tools import program
from tests.e2e.product import ROOT

FOLDER = ROOT / "deploy" / "compose"
VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<how>:[-+?])(?P<word>[^{}]*))?\})")

Model = dict[str, Any]


class Refused(Exception):  # noqa: N818 - named after what happened
    """The loader does not take the file; the message is its own."""


def interpolate(text: str, environment: Mapping[str, str]) -> str:
    """Put in variables as Compose does. The specification's loader has a command, which reads no environment."""

    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        given, word = environment.get(found["name"], ""), found["word"] or ""
        if found["how"] == ":?" and not given:
            raise Refused(f"{found['name']}: {word}")
        if found["how"] == ":+":
            return word.replace(f"${found['name']}", given) if given else ""
        return given or (word if found["how"] == ":-" else "")

    return VARIABLE.sub(value, text)


def secrets(folder: Path) -> dict[str, str]:
    """Run secrets.sh on a copy in `folder`, and return what it put into .env."""
    script = folder / "secrets.sh"
    script.write_bytes((FOLDER / "secrets.sh").read_bytes())
    subprocess.run(["sh", script], check=True, capture_output=True)
    lines = (folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def load(folder: Path, environment: Mapping[str, str], *names: str) -> Model:
    """The model of deploy/compose's files as Compose would run it; raises Refused."""
    copies = []
    for name in names or ("compose.yaml",):
        copy = folder / name
        copy.write_text(interpolate((FOLDER / name).read_text(), environment))
        copies.append(copy)
    return parse(*copies)


def parse(*files: Path) -> Model:
    """What the loader makes of files without variables; raises Refused."""
    command = [str(program("compose-spec")), "-no-interpolation", "-format", "json", *map(str, files)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    done = subprocess.run(command, cwd=files[0].parent, env=inherited, capture_output=True, text=True)
    if done.returncode:
        raise Refused(done.stderr.strip())
    model: Model = json.loads(done.stdout)
    return model


def written(name: str = "compose.yaml") -> Model:
    """The file as it stands, anchors resolved, variables left."""
    model: Model = yaml.safe_load((FOLDER / name).read_text())
    return model
