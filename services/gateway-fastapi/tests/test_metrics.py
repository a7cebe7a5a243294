"""Metrics and their documentation."""

from pathlib import Path

import halftone_gateway.metrics as own
from halftone_servicekit.metrics import metric_rows

DOCS = Path(__file__).parents[3] / "docs" / "metrics" / "gateway.md"
ROWS = metric_rows(own.REGISTRY)


def test_every_metric_is_documented_and_no_other() -> None:
    documented = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `halftone_")]
    assert sorted(documented) == sorted(f"| `{name}` | {kind} | {doc} |" for name, kind, doc in ROWS)
    assert len(ROWS) == len([name for name in vars(own) if name.isupper() and name != "REGISTRY"])
