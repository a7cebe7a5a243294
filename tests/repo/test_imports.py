"""Folders import what ARCHITECTURE.md allows them, nothing imports itself by a detour, and folders stay small."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .architecture import EVERYTHING, WEB, Row, named, packages, rows
from .files import GENERATED, ROOT, tracked
from .imports import Graph, child, cycles, python_graph, python_imports, siblings, typescript_graph, typescript_imports

CODE = (".py", ".ts", ".tsx")
FOLDER_FILES = 12
# Folders of more source files, and why.
LARGER: Mapping[str, str] = {
    "frontend/src/features/datasets": "two pages, and each tab of the second",
    "frontend/src/ui": "components that know nothing of each other",
    "libs/servicekit/src/halftone_servicekit": "what services share, one thing a file",
    "services/gateway-fastapi/src/halftone_gateway/session": "three machines, their transitions and their effects",
}
LIBRARIES = Path("libs")
# Where a program puts the parts together that import it: Django's project and its apps.
ASSEMBLED = {Path("services/auth-django/src")}


def is_test(path: Path) -> bool:
    return "tests" in path.parts or ".test." in path.name


def sources(graph: Graph) -> Graph:
    """A graph without the tests."""
    return {path: targets for path, targets in graph.items() if not is_test(path)}


def both() -> Graph:
    return {**python_graph(), **typescript_graph()}


ROWS = [pytest.param(row, id=str(row.folder)) for row in rows()]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_what_its_folder_may_import(row: Row) -> None:
    holds_code = any(path.suffix in CODE and path.is_relative_to(row.folder) for path in tracked())
    assert row.is_regular
    assert bool(row.column) == holds_code
    assert all(named(name, row.folder) for name in row.names or ())


@pytest.mark.parametrize("row", ROWS)
def test_a_folder_imports_what_its_row_names(row: Row) -> None:
    assert not sorted(refused(row, both()))


def refused(row: Row, graph: Graph) -> Iterator[str]:
    """Imports of a row's folder that its column does not name.

    What tests import, and which libraries of ours are used, is said for a package as a whole and not for its rooms.
    """
    if row.column == EVERYTHING:
        return
    is_room = row.folder.parts[0] != "libs" and "src" in row.folder.parts
    allowed = [row.folder, *(named(name, row.folder) for name in row.names or ()), *([LIBRARIES] if is_room else [])]
    for path, targets in graph.items():
        if path.is_relative_to(row.folder) and not (is_test(path) and is_room):
            outside = [target for target in targets if not any(target.is_relative_to(place) for place in allowed)]
            yield from (f"{path} → {target}" for target in outside)


def test_no_module_imports_itself_by_a_detour() -> None:
    assert cycles(sources(python_graph())) == []
    assert cycles(sources(typescript_graph())) == []


def test_no_folder_imports_itself_by_a_detour() -> None:
    graph = sources(both())
    tops = {*packages().values(), WEB}
    folders = {folder for path in graph for folder in path.parents if any(folder.is_relative_to(top) for top in tops)}
    assert len(folders) > 20
    assert [found for folder in sorted(folders - ASSEMBLED) for found in cycles(siblings(graph, folder))] == []


def test_folders_hold_few_files() -> None:
    counted = Counter(
        str(path.parent)
        for path in tracked()
        if path.suffix in CODE
        and "src" in path.parts
        and not is_test(path)
        and path.name != "__init__.py"
        and not path.name.startswith("testing")
        and not str(path).startswith(GENERATED)
    )
    assert {folder for folder, count in counted.items() if count > FOLDER_FILES} == set(LARGER)


def test_an_import_that_is_not_named_is_found() -> None:
    gateway, compute = Path("services/a/src/a/b.py"), Path("services/c/src/c/d.py")
    graph = {gateway: frozenset([compute])}
    assert list(refused(Row(Path("services/a"), "nothing of ours"), graph)) == [f"{gateway} → {compute}"]
    assert not list(refused(Row(Path("services/a"), "everything"), graph))
    assert not list(refused(Row(Path("services/c"), "nothing of ours"), graph))


@pytest.mark.parametrize(
    "source",
    [
        "import p.b",
        "from p import b",
        "from p.b import name",
        "from . import b",
        "from .b import name",
        "if TYPE_CHECKING:\n    from p.b import name",
        "def f():\n    import p.b",
    ],
)
def test_every_import_of_python_is_found(source: str) -> None:
    folder = ROOT.relative_to(ROOT) / "p"
    modules = {"p.a": folder / "a.py", "p.b": folder / "b.py"}
    assert list(python_imports(folder / "a.py", source, modules)) == [folder / "b.py"]


@pytest.mark.parametrize(
    "source",
    [
        'import { b } from "./b.ts";',
        'import {\n  type B,\n  b,\n} from "./b.ts";',
        'import type { B } from "./b";',
        'export * from "./b.ts";',
        'import "./b.ts";',
        'const b = await import("./b.ts");',
        'new Worker(new URL("./b.ts", import.meta.url), { type: "module" })',
    ],
)
def test_every_import_of_typescript_is_found(source: str) -> None:
    a, b = Path("web/a.ts"), Path("web/b.ts")
    assert list(typescript_imports(a, source, {a, b})) == [b]


def test_a_detour_is_found() -> None:
    a, b, c = (Path(name) for name in ("p/x/a.py", "p/y/b.py", "p/x/c.py"))
    assert cycles({a: [b], b: [c], c: []}) == []
    assert cycles({a: [b], b: [c], c: [a]}) == [[a, c, b]]
    graph = {a: frozenset([b]), b: frozenset([c]), c: frozenset[Path]()}
    assert cycles(siblings(graph, Path("p"))) == [[Path("p/x"), Path("p/y")]]
    assert child(Path("p/__init__.py"), Path("p")) is None
