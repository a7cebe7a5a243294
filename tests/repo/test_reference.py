"""Every setting, metric, error code and message is documented."""

import importlib
import re

import pytest
from halftone.v1 import session_pb2
from halftone_servicekit.errors import CLOSE_CODES, ERRORS
from halftone_servicekit.metrics import metric_rows
from halftone_servicekit.settings import ServiceSettings, describe

from .files import ROOT

DOCS = ROOT / "docs"
SETTINGS = {
    "halftone_auth.environment": "AuthSettings",
    "halftone_compute.ingest.settings": "IngestSettings",
    "halftone_compute.settings": "ComputeSettings",
    "halftone_gateway.settings": "GatewaySettings",
    "halftone_servicekit.settings": "ServiceSettings",
    "launcher.settings": "Settings",
}
METRICS = (
    "halftone_compute.ingest.metrics",
    "halftone_compute.metrics",
    "halftone_gateway.metrics",
    "monitoring.metrics",
)


def text(name: str) -> str:
    """A document together with the pages in the folder of its name."""
    pages = [DOCS / f"{name}.md", *sorted((DOCS / name).glob("*.md"))]
    return "\n".join(page.read_text() for page in pages)


@pytest.mark.parametrize("module", SETTINGS)
def test_every_setting_is_documented(module: str) -> None:
    settings = getattr(importlib.import_module(module), SETTINGS[module])
    told = text("settings")
    rows = describe(settings)
    assert len(rows) > 5
    assert not [row.variable for row in rows if f"`{row.variable}`" not in told]


def test_every_class_of_settings_is_looked_at() -> None:
    for module in SETTINGS:
        importlib.import_module(module)
    ours = {cls.__module__ for cls in ServiceSettings.__subclasses__() if "test" not in cls.__module__}
    assert ours <= set(SETTINGS)


def test_every_setting_of_the_web_server_is_documented() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "frontend" / "server").glob("*.ts"))
    names = {name.removesuffix("_FILE") for name in re.findall(r"HALFTONE_[A-Z_]+", sources)}
    assert len(names) > 3
    assert not [name for name in sorted(names) if f"`{name}`" not in text("settings")]


def test_no_documented_setting_is_gone() -> None:
    classes = [getattr(importlib.import_module(module), name) for module, name in SETTINGS.items()]
    known = {row.variable for settings in classes for row in describe(settings)}
    folders = [ROOT / name for name in ("frontend/server", "tests/e2e", "deploy/embedded")]
    files = [path for folder in folders for path in folder.glob("*.*") if path.suffix in (".ts", ".py", ".sh")]
    elsewhere = "\n".join(path.read_text() for path in files)
    told = set(re.findall(r"^\| `(HALFTONE_[A-Z_]+)` \|", text("settings"), re.MULTILINE))
    assert not [name for name in sorted(told - known) if name not in elsewhere]


@pytest.mark.django_db
def test_every_metric_is_documented() -> None:
    for module in METRICS:
        importlib.import_module(module)
    told = text("metrics")
    names = [name for name, _, _ in metric_rows()]
    assert len(names) > 20
    assert not [name for name in names if f"`{name}`" not in told and f"`{name}_total`" not in told]


def test_every_error_and_close_code_is_documented() -> None:
    assert not [code for code in ERRORS if f"| `{code}` |" not in text("errors")]
    assert not [code for code in CLOSE_CODES if f"| {code} |" not in text("protocol") + text("errors")]


@pytest.mark.parametrize("message", ["ClientMessage", "ServerMessage"])
def test_every_message_has_its_section(message: str) -> None:
    fields = session_pb2.DESCRIPTOR.message_types_by_name[message].fields
    headings = set(re.findall(r"^### (\w+)$", text("protocol"), re.MULTILINE))
    assert {field.name for field in fields} <= headings
