"""Every metric of the worker is documented."""

from __future__ import annotations

from pathlib import Path

from halftone_compute.ingest import metrics
from prometheus_client import Counter, Gauge, Histogram

DOCS = Path(__file__).parents[4] / "docs" / "metrics" / "ingest.md"


def test_every_metric_is_documented() -> None:
    made = [metric for metric in vars(metrics).values() if isinstance(metric, Counter | Gauge | Histogram)]
    text = DOCS.read_text()
    assert len(made) == 7
    for metric in made:
        [family] = metric.collect()
        assert f"| `{family.name}` | {family.type} | {family.documentation} |" in text
