"""Metrics and their documentation."""

from pathlib import Path

import halftone_compute.metrics as own
import numpy as np
from compute_rig.rig import Rig, Serving
from prometheus_client.metrics import MetricWrapperBase

DOCS = Path(__file__).parents[3] / "docs" / "metrics" / "compute.md"
METRICS = [value for value in vars(own).values() if isinstance(value, MetricWrapperBase)]
ROWS = [(family.name, family.type, family.documentation) for metric in METRICS for family in metric.collect()]


def test_every_metric_is_documented_and_no_other() -> None:
    text = DOCS.read_text(encoding="utf-8")
    documented = [line for line in text.splitlines() if line.startswith("| `halftone_compute_")]
    assert sorted(documented) == sorted(f"| `{name}` | {kind} | {doc} |" for name, kind, doc in ROWS)
    assert len(ROWS) == 22


async def test_work_is_counted(rig: Rig, serving: Serving) -> None:
    rig.put({"x": np.zeros(30), "y": np.zeros(30)})
    rows, pieces = own.ROWS_SCANNED._value.get(), own.PIECES._value.get()
    scanning = own.STAGE_SECONDS.labels("scan")._sum.get()
    failed = own.ERRORS.labels("param_invalid")._value.get()
    client = serving.client()
    await client.run(1)
    await client.run(2, deadline_ms=0)
    assert own.ROWS_SCANNED._value.get() == rows + 30
    assert own.PIECES._value.get() == pieces + 1
    assert own.ERRORS.labels("param_invalid")._value.get() == failed + 1
    assert own.STAGE_SECONDS.labels("scan")._sum.get() > scanning
