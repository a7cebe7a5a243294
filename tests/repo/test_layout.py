"""Tests mirror sources, every folder has its line in ARCHITECTURE.md, every Make target its line in docs/make.md."""

import ast
import re
from pathlib import Path

import pytest

from .files import ROOT, tracked

PACKAGES = sorted(path.relative_to(ROOT) for path in (*ROOT.glob("libs/*"), *ROOT.glob("services/*")))
TESTED = [path for path in PACKAGES if path != Path("libs/contracts")]
# Django asks for these; what they name is tested where it is.
WITHOUT_TESTS = {"__init__.py", "apps.py", "urls.py"}


@pytest.mark.parametrize("package", TESTED, ids=str)
def test_every_test_file_has_its_source(package: Path) -> None:
    sources = {mirrored(path, package) for path in modules(package)}
    # A test may be of a whole folder, and is named after it then, or of the package's documentation.
    folders = {name.rpartition("/")[0] for name in sources}
    tests = {name for name in mirrors(package) if not name.endswith("docs")}
    assert not sorted(tests - sources - folders)


@pytest.mark.parametrize("package", TESTED, ids=str)
def test_every_source_has_its_test_file(package: Path) -> None:
    sources = {mirrored(path, package) for path in modules(package) if does_something(ROOT / path)}
    assert not sorted(sources - mirrors(package))


def test_every_folder_is_in_the_architecture() -> None:
    told = set(re.findall(r"^\| `([^`]+)/` \|", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE))
    folders = {str(path.parent) for path in tracked()} - {"."}
    unknown = sorted(folder for folder in folders if not is_told(folder, told))
    assert not unknown
    assert not sorted(folder for folder in told if not (ROOT / folder).is_dir())


def test_every_make_target_is_documented() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = set(re.findall(r"^\| `make ([a-z0-9-]+)` \|", (ROOT / "docs" / "make.md").read_text(), re.MULTILINE))
    assert len(targets) > 10
    assert told == targets


def modules(package: Path) -> list[Path]:
    found = [path for path in tracked() if path.is_relative_to(package / "src") and path.suffix == ".py"]
    return [path for path in found if "migrations" not in path.parts]


def does_something(path: Path) -> bool:
    """Whether a module has a function with a body: constants, interfaces and re-exports need no test of their own."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return path.name not in WITHOUT_TESTS and any(not isinstance(node.body[-1], ast.Expr) for node in functions)


def mirrors(package: Path) -> set[str]:
    """`tests/a/test_b.py` → `a/b`."""
    found = [path for path in tracked() if path.is_relative_to(package / "tests") and path.match("test_*.py")]
    return {str(path.relative_to(package / "tests").with_suffix("")).replace("test_", "") for path in found}


def mirrored(path: Path, package: Path) -> str:
    """`src/<import name>/a/b.py` → `a/b`; a service of several apps keeps the app's name."""
    parts = path.relative_to(package / "src").with_suffix("").parts
    apps = {found.relative_to(package / "src").parts[0] for found in modules(package)}
    kept = [part for part in (parts if len(apps) > 1 else parts[1:]) if part != "management"]
    return "/".join((*kept[:-1], kept[-1].strip("_")))


def is_told(folder: str, told: set[str]) -> bool:
    """Whether a folder has a line; tests, migrations, commands and the inside of a package need none of their own."""
    path = Path(folder)
    if {"tests", "migrations", "management", "golden"} & set(path.parts[1:]):
        return True
    if folder in told or any(name.startswith(f"{folder}/") for name in told):
        return True
    parted = ("frontend/src/gen/", "frontend/src/features/", "tests/cluster/modules/", "tests/extending/")
    inside = ("proto/", "libs/", "deploy/helm/", "deploy/kustomize/", *parted)
    return folder.startswith(inside) and any(folder.startswith(f"{name}/") for name in told)
