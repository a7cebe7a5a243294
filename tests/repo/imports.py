"""Which file of ours imports which: Python read with `ast`, TypeScript by its import statements.

Every import counts: those for types alone, those under `TYPE_CHECKING`, those inside a function.
"""

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from .files import ROOT, tracked

Graph = Mapping[Path, frozenset[Path]]

# Folders that Python finds packages in, relative to the root: sources, rigs of tests, and the root itself.
PYTHON_ROOTS = (
    "libs/*/src",
    "libs/*/tests",
    "services/*/src",
    "services/*/tests",
    "deploy/embedded",
    "deploy/tilt",
    ".",
)
TYPESCRIPT_SUFFIXES = (".ts", ".tsx")
# `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`, `new URL("x", import.meta.url)`.
SPECIFIER = re.compile(
    r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']|new URL\(\s*["'](\.[^"']*)["'],\s*import\.meta\.url""",
)


@cache
def python_graph() -> Graph:
    """Python file → files that it imports, all relative to the root."""
    files = [path for path in tracked() if path.suffix == ".py"]
    modules = module_names(files)
    return {path: frozenset(python_imports(path, (ROOT / path).read_text(), modules)) for path in files}


@cache
def typescript_graph() -> Graph:
    """TypeScript file → files that it imports, all relative to the root."""
    files = {path for path in tracked() if path.suffix in TYPESCRIPT_SUFFIXES}
    return {path: frozenset(typescript_imports(path, (ROOT / path).read_text(), files)) for path in files}


def module_names(files: Iterable[Path]) -> dict[str, Path]:
    """Dotted name → file, for every file below a folder that Python finds packages in."""
    roots = sorted({found.relative_to(ROOT) for pattern in PYTHON_ROOTS for found in found_in(pattern)})
    return {dotted(path.relative_to(root)): path for root in roots for path in files if path.is_relative_to(root)}


def found_in(pattern: str) -> list[Path]:
    return [ROOT] if pattern == "." else list(ROOT.glob(pattern))


def dotted(path: Path) -> str:
    """`a/b.py` and `a/b/__init__.py` → `a.b`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python_imports(path: Path, source: str, modules: Mapping[str, Path]) -> Iterator[Path]:
    """The files among `modules` that a source imports by any statement, itself left out."""
    for name in imported_names(path, source):
        found = modules.get(name) or modules.get(name.rpartition(".")[0])
        if found and found != path:
            yield found


def imported_names(path: Path, source: str) -> Iterator[str]:
    """`import a.b` → a.b; `from a import b` → a.b; relative imports made whole by the folder of the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                base = [*dotted_folder(path.parents[node.level - 1]), *base]
            yield from (".".join((*base, alias.name)) for alias in node.names)


def dotted_folder(folder: Path) -> list[str]:
    """The parts of a folder's dotted name, as seen from the innermost folder that Python finds packages in."""
    fits = [found.relative_to(ROOT) for pattern in PYTHON_ROOTS for found in found_in(pattern)]
    inner = max((root for root in fits if folder.is_relative_to(root)), key=lambda root: len(root.parts))
    return list(folder.relative_to(inner).parts)


def typescript_imports(path: Path, source: str, files: set[Path]) -> Iterator[Path]:
    """The files among `files` that a source imports by a relative specifier."""
    for pair in SPECIFIER.findall(source):
        target = Path(os.path.normpath(path.parent / (pair[0] or pair[1])))
        guesses = (target, *(target.with_name(target.name + end) for end in TYPESCRIPT_SUFFIXES))
        yield from (guess for guess in guesses if guess in files)


def cycles(graph: Mapping[Path, Iterable[Path]]) -> list[list[Path]]:
    """Groups of nodes that reach each other (Tarjan's strongly connected components of two nodes and more)."""
    order: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    found: list[list[Path]] = []

    def visit(node: Path) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            place = stack.index(node)
            group = stack[place:]
            del stack[place:]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found


def siblings(graph: Graph, folder: Path) -> dict[Path, set[Path]]:
    """The graph seen from a folder: its files and its folders, each with those beside it that it imports."""
    seen: dict[Path, set[Path]] = {}
    for source, targets in graph.items():
        here = child(source, folder)
        if here:
            beside = {there for target in targets if (there := child(target, folder)) and there != here}
            seen.setdefault(here, set()).update(beside)
    return seen


def child(path: Path, folder: Path) -> Path | None:
    """The file or folder directly in `folder` that `path` is or lies in; None for what is elsewhere and `__init__`."""
    if not path.is_relative_to(folder) or path == folder / "__init__.py":
        return None
    return folder / path.relative_to(folder).parts[0]
