"""The table of ARCHITECTURE.md: a folder, its job, and what of ours it may import.

The column is empty where a folder holds no code, `everything`, `nothing of ours`, or a list of names in backticks.
A name is a package (`halftone_views`), a folder or module of the same package (`store`, `settings`, `net`), or a
folder from the root (`tests/e2e`); it stands for everything below it.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .files import ROOT, tracked

ROW = re.compile(r"^\| `([^`]+)/` \| .+? \| ?(.*?) ?\|$", re.MULTILINE)
NAMES = re.compile(r"`[\w./-]+`(, `[\w./-]+`)*")
EVERYTHING = "everything"
NOTHING = "nothing of ours"
WEB = Path("frontend/src")


@dataclass(frozen=True)
class Row:
    """One folder; `names` is None where the column says `everything`."""

    folder: Path
    column: str

    @property
    def names(self) -> tuple[str, ...] | None:
        return None if self.column == EVERYTHING else tuple(re.findall(r"`([^`]+)`", self.column))

    @property
    def is_regular(self) -> bool:
        return self.column in ("", EVERYTHING, NOTHING) or bool(NAMES.fullmatch(self.column))


@cache
def rows() -> tuple[Row, ...]:
    """Every row of the table, in order."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    return tuple(Row(Path(folder), column) for folder, column in ROW.findall(text))


@cache
def packages() -> dict[str, Path]:
    """Name → folder of every package that lies in a `src/`, and of the launcher."""
    python = [path.parts for path in tracked() if path.suffix == ".py"]
    found = {Path(*parts[:4]) for parts in python if len(parts) > 4 and parts[2] == "src"}
    return {path.name: path for path in (*found, Path("deploy/embedded/launcher"))}


def package_of(folder: Path) -> Path:
    """The package that a folder lies in: what its names are looked up in first."""
    if folder.is_relative_to(WEB):
        return WEB
    return next((package for package in packages().values() if folder.is_relative_to(package)), folder)


def named(name: str, folder: Path) -> Path:
    """The folder or file that a name in the row of `folder` stands for. Raises `LookupError` when there is none."""
    bases = (package_of(folder), folder.parent, Path())
    places = [base / f"{name}{end}" for base in bases for end in ("", ".py", ".ts", ".tsx")]
    for place in (packages().get(name), *places):
        if place and (ROOT / place).exists():
            return place
    raise LookupError(f"{folder}: nothing is called {name}")
