"""Metrics and their documentation."""

from pathlib import Path

import halftone_compute.metrics as own
import numpy as np
from compute_rig.rig import Rig, Serving
from halftone_servicekit.metrics import metric_rows, metrics_payload

DOCS = Path(__file__).parents[3] / "docs" / "metrics" / "compute.md"
ROWS = [row for row in metric_rows() if row[0].startswith("halftone_compute_")]


def test_every_metric_is_documented_and_no_other() -> None:
    text = DOCS.read_text(encoding="utf-8")
    documented = [line for line in text.splitlines() if line.startswith("| `halftone_compute_")]
    assert sorted(documented) == sorted(f"| `{name}` | {kind} | {doc} |" for name, kind, doc in ROWS)
    assert len(ROWS) == len([name for name in vars(own) if name.isupper()])


async def test_work_is_counted(rig: Rig, serving: Serving) -> None:
    rig.put({"x": np.zeros(30), "y": np.zeros(30)})
    rows, pieces = own.ROWS_SCANNED._value.get(), own.PIECES._value.get()
    failed = own.ERRORS.labels("param_invalid")._value.get()
    client = serving.client()
    await client.run(1)
    await client.run(2, deadline_ms=0)
    assert own.ROWS_SCANNED._value.get() == rows + 30
    assert own.PIECES._value.get() == pieces + 1
    assert own.ERRORS.labels("param_invalid")._value.get() == failed + 1
    body, _ = metrics_payload()
    assert b'halftone_compute_stage_seconds_bucket{le="0.001",stage="scan"}' in body
