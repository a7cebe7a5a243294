"""Every setting, metric, error code and message is documented; `docs/generate.py` writes the tables from the code."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
import pytest
from halftone.v1 import session_pb2
from halftone_servicekit.errors import CLOSE_CODES, ERRORS
from halftone_servicekit.metrics import metric_rows
from halftone_servicekit.settings import describe

from docs.generate import filled

from .files import ROOT, tracked
from .imports import module_names

DOCS = ROOT / "docs"
TABLE = re.compile(r"^<!-- (settings|metrics) (\S+) (\S+)", re.MULTILINE)
DECLARES = re.compile(r"\b(?:counter|gauge|histogram)\(\n?\s*\"")


def text(name: str) -> str:
    """A document together with the pages in the folder of its name."""
    pages = [DOCS / f"{name}.md", *sorted((DOCS / name).glob("*.md"))]
    return "\n".join(page.read_text() for page in pages)


def tables(kind: str) -> dict[str, str]:
    """Module → class of settings or prefix of metrics, for the tables of the pages."""
    return {module: named for found, module, named in TABLE.findall(text(kind)) if found == kind}


def sources() -> Iterator[tuple[str, Path]]:
    """Dotted name and path of the modules that run in a service, or start them."""
    places = ("services", "libs", "deploy/embedded/launcher")
    files = [path for path in tracked() if path.suffix == ".py" and str(path).startswith(places)]
    for name, path in module_names(files).items():
        if "tests" not in path.parts and not name.startswith(("libs.", "services.", "deploy.")):
            yield name, path


def classes_of_settings() -> set[tuple[str, str]]:
    """(module, class) of every class that extends those of every service, and that one itself."""
    found = {("halftone_servicekit.settings", "ServiceSettings")}
    for module, path in sources():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "ServiceSettings" for base in node.bases):
                found.add((module, node.name))
    return found


def test_every_class_of_settings_has_its_table() -> None:
    assert len(tables("settings")) > 5
    assert set(tables("settings").items()) == classes_of_settings()


def test_every_module_of_metrics_has_its_table() -> None:
    declaring = {name for name, path in sources() if DECLARES.search((ROOT / path).read_text())}
    assert len(declaring) > 3
    assert set(tables("metrics")) == declaring


@pytest.mark.parametrize("module", sorted(tables("settings")))
def test_every_setting_is_documented(module: str) -> None:
    rows = describe(getattr(importlib.import_module(module), tables("settings")[module]), own=True)
    assert len(rows) > 5
    assert not [row.variable for row in rows if f"| `{row.variable}` |" not in text("settings")]


def test_every_setting_of_the_web_server_is_documented() -> None:
    server = [path for path in (ROOT / "frontend" / "server").rglob("*.ts") if ".test." not in path.name]
    names = set(re.findall(r"HALFTONE_[A-Z_]+", "\n".join(path.read_text() for path in server)))
    names = {name.removesuffix("_FILE") for name in names}
    assert len(names) > 3
    assert not [name for name in sorted(names) if f"`{name}`" not in text("settings")]


def test_no_documented_setting_is_gone() -> None:
    classes = [getattr(importlib.import_module(module), name) for module, name in tables("settings").items()]
    known = {row.variable for settings in classes for row in describe(settings)}
    folders = [ROOT / name for name in ("frontend/server", "tests/e2e", "deploy/embedded")]
    files = [path for folder in folders for path in folder.rglob("*.*") if path.suffix in (".ts", ".py", ".sh")]
    elsewhere = "\n".join(path.read_text() for path in files)
    told = set(re.findall(r"^\| `(HALFTONE_[A-Z_]+)` \|", text("settings"), re.MULTILINE))
    assert not [name for name in sorted(told - known) if name not in elsewhere]


@pytest.mark.django_db
@pytest.mark.parametrize("module", sorted(tables("metrics")))
def test_every_metric_is_documented(module: str) -> None:
    registry = getattr(importlib.import_module(module), "REGISTRY", prometheus_client.REGISTRY)
    rows = metric_rows(registry)
    assert len(rows) > 5
    assert not [row.name for row in rows if f"| `{row.name}` | {row.type} |" not in text("metrics")]


def test_every_error_and_close_code_is_documented() -> None:
    assert not [code for code in ERRORS if f"| `{code}` |" not in text("errors")]
    assert not [code for code in CLOSE_CODES if f"| {code} |" not in text("protocol") + text("errors")]


@pytest.mark.parametrize("message", ["ClientMessage", "ServerMessage"])
def test_every_message_has_its_section(message: str) -> None:
    fields = session_pb2.DESCRIPTOR.message_types_by_name[message].fields
    headings = set(re.findall(r"^### (\w+)$", text("protocol"), re.MULTILINE))
    assert {field.name for field in fields} <= headings


def test_a_table_is_written_anew_and_the_rest_is_kept() -> None:
    stale = "Before.\n\n<!-- closes -->\n\n| close | meaning |\n|---|---|\n| 1 | Old. |\n\n<!-- end -->\n\nAfter.\n"
    fresh = filled(stale)
    assert fresh.startswith("Before.\n\n<!-- closes -->\n\n| close | meaning |\n|---|---|\n| 1002 |")
    assert fresh.endswith("| 4430 | The client reads too slowly. |\n\n<!-- end -->\n\nAfter.\n")
    assert filled(fresh) == fresh
