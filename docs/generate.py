"""Writes the tables of settings, metrics and errors into the pages below docs/: `python -m docs.generate [folder]`.

A page names its tables itself, and everything outside of them is written by hand:

    <!-- settings halftone_gateway.settings GatewaySettings -->
    …the table…
    <!-- end -->

`settings <module> <class>` lists the fields that the class itself adds, `web` those of the Node server. `metrics
<module> <prefix> [<without>…]` lists the metrics of `<module>.REGISTRY`, or of Prometheus's own registry where the
module has none. `errors` and `closes` are the error table.
`folder` takes the pages in place of docs/, to see whether they would differ.
"""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import prometheus_client
from django.core.asgi import get_asgi_application
from halftone_servicekit.errors import CLOSE_CODES, ERRORS
from halftone_servicekit.metrics import PREFIX, metric_rows
from halftone_servicekit.settings import SettingRow, describe

DOCS = Path(__file__).parent
WEB = DOCS.parent / "frontend" / "server" / "settings.ts"
BAR = "\\|"
TYPES = {"int": "integer", "float": "number", "str": "text", "Path": "path", "SecretStr": "secret", "bool": "boolean"}
TABLE = re.compile(r"(<!-- (settings|web|metrics|errors|closes)((?: [\w.]+)*) -->\n).*?(<!-- end -->)", re.DOTALL)


def settings(module: str, name: str) -> str:
    """What a class of settings adds to the one that it extends."""
    described = describe(getattr(importlib.import_module(module), name), own=True)
    lines = [
        (code(row.variable), type_of(row), code(row.default.replace(f"{DOCS.parent}/", "")), row.description)
        for row in described
    ]
    return table(("variable", "type", "default", "meaning"), lines)


def metrics(module: str, prefix: str, *others: str) -> str:
    """The metrics of a module's registry whose names go on with `prefix`, and not with one of the others."""
    registry = getattr(importlib.import_module(module), "REGISTRY", prometheus_client.REGISTRY)
    unwanted = tuple(PREFIX + other for other in others)
    rows = [
        row
        for row in metric_rows(registry)
        if row.name.startswith(PREFIX + prefix) and not row.name.startswith(unwanted)
    ]
    lines = [(code(row.name), row.type, ", ".join(map(code, row.labels)), row.description) for row in rows]
    return table(("name", "type", "labels", "meaning"), lines)


def errors() -> str:
    """Every error code with its status on each wire."""
    lines = [
        (code(row.code.value), str(row.http), row.grpc, str(row.close or ""), row.sentence) for row in ERRORS.values()
    ]
    return table(("code", "HTTP", "gRPC", "close", "meaning"), lines)


def closes() -> str:
    """Every close code of a socket."""
    return table(("close", "meaning"), [(str(number), sentence) for number, sentence in CLOSE_CODES.items()])


def web() -> str:
    """The settings of the Node server."""
    program = f"import {{ VARIABLES }} from {json.dumps(str(WEB))}; process.stdout.write(JSON.stringify(VARIABLES));"
    command = ["node", "--input-type=module", "--eval", program]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    lines = [(code(row["name"]), row["type"], code(row["default"]), row["meaning"]) for row in rows]
    return table(("variable", "type", "default", "meaning"), lines)


TABLES: dict[str, Callable[..., str]] = {
    "settings": settings,
    "web": web,
    "metrics": metrics,
    "errors": errors,
    "closes": closes,
}


def type_of(row: SettingRow) -> str:
    """A type in words; where only some texts are allowed, those."""
    name = row.type.removesuffix(" | None")
    choices = re.findall(r"'([^']*)'", name)
    return ", ".join(map(code, choices)) or TYPES[name]


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def table(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    rows = (head, *lines)
    first, *rest = (f"| {' | '.join(cell.replace('|', BAR) for cell in row)} |" for row in rows)
    return "\n".join(("", first, f"|{'---|' * len(head)}", *rest, "", ""))


def filled(page: str) -> str:
    """A page with its tables written anew."""
    return TABLE.sub(lambda found: found[1] + TABLES[found[2]](*found[3].split()) + found[4], page)


def pages() -> list[Path]:
    """The pages that hold a table."""
    return [path for path in sorted(DOCS.rglob("*.md")) if TABLE.search(path.read_text())]


def main(folder: Path) -> None:
    # django-prometheus registers its metrics when Django loads its middlewares, which takes a secret key.
    os.environ.setdefault("HALFTONE_SECRET_KEY", "for writing pages, and for nothing else: " + "x" * 20)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "halftone_auth.settings")
    sys.path.insert(0, str(DOCS.parent / "deploy" / "embedded"))
    get_asgi_application()
    for page in pages():
        target = folder / page.relative_to(DOCS)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(filled(page.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
