"""Everything that reads a metric: alerts, dashboards, the adapter's rule, the scalers, the documents."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from .promql import Read, reads

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "halftone"
RULES = CHART / "files" / "rules.yaml"
DASHBOARDS = CHART / "files" / "dashboards"
ADAPTER = CHART / "files" / "prometheus-adapter-rule.yaml"
DOCUMENTED = re.compile(r"^\| `(halftone_[a-z_]+)` \| (\w+) \|", re.MULTILINE)


def alerts() -> Iterator[tuple[str, str]]:
    """(name, expression) of each alert."""
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def of_rules() -> list[Read]:
    return [read for _, expression in alerts() for read in reads(expression)]


def of_dashboards() -> list[Read]:
    boards = [json.loads(path.read_text()) for path in DASHBOARDS.glob("*.json")]
    targets = [target for board in boards for panel in board["panels"] for target in panel["targets"]]
    return [read for target in targets for read in reads(target["expr"], target["legendFormat"])]


def of_adapter() -> list[Read]:
    return [read for rule in yaml.safe_load(ADAPTER.read_text()) for read in reads(rule["seriesQuery"])]


def of_scalers(objects: list[dict[str, object]]) -> list[Read]:
    """Metrics named in the HorizontalPodAutoscalers and ScaledObjects among rendered objects."""
    scalers = [one for one in objects if one["kind"] in ("HorizontalPodAutoscaler", "ScaledObject")]
    return reads(json.dumps(scalers).replace('\\"', '"'))


def of_documents() -> list[Read]:
    """Metrics of the reference; counters have their ending in a scrape."""
    pages = "\n".join(path.read_text() for path in (ROOT / "docs" / "metrics").glob("*.md"))
    endings = {"counter": "_total", "histogram": "_count"}
    return [
        Read(f"{name.removesuffix('_total') if kind == 'counter' else name}{endings.get(kind, '')}", frozenset())
        for name, kind in DOCUMENTED.findall(pages)
    ]
