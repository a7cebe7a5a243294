"""Writes the chart's values.schema.json and README.md from values.schema.yaml and values.yaml.

    python deploy/helm/generate.py [folder]

The schema is written as YAML, where a description can be long and what blocks share is said once. `folder` takes the
files in place of the chart, to see whether they would differ.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parent / "halftone"
HEAD = """# Halftone's chart

Exact pictures of very large tables, for many people, on your own cluster. Building the images comes first:
[how to install](../../../docs/operations/install.md).

## Values

Made from `values.schema.yaml` and `values.yaml` by `make gen`. A key that is not here is refused.

| value | default | meaning |
|---|---|---|
"""


def schema() -> dict[str, Any]:
    """The JSON schema: definitions are resolved, and keys that a template refuses in a sentence may pass."""
    document: dict[str, Any] = yaml.safe_load((CHART / "values.schema.yaml").read_text())
    del document["definitions"]
    for path in yaml.safe_load((CHART / "files" / "renamed.yaml").read_text()):
        *parents, key = path.split(".")
        block = document
        for parent in parents:
            block = block["properties"][parent]
        block["properties"].setdefault(key, {})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values of Halftone's chart", **document}


def rows(block: dict[str, Any], defaults: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, default and meaning of every value, blocks before what is in them."""
    for key, described in block["properties"].items():
        default = defaults.get(key)
        if "description" not in described:
            continue
        path = f"{prefix}{key}"
        if "properties" in described:
            yield path, "", described["description"]
            yield from rows(described, default or {}, f"{path}.")
        else:
            yield path, f"`{json.dumps(default, ensure_ascii=False)}`", described["description"]


def readme() -> str:
    """The table of values."""
    document: dict[str, Any] = yaml.safe_load((CHART / "values.schema.yaml").read_text())
    defaults: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    lines = [
        f"| `{path}` | {default} | {meaning} |"
        for path, default, meaning in ((a, b.replace("|", "\\|"), c) for a, b, c in rows(document, defaults))
    ]
    return HEAD + "\n".join(lines) + "\n"


def main(folder: Path = CHART) -> None:
    (folder / "values.schema.json").write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
    (folder / "README.md").write_text(readme())


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:]))
