"""Progress as auth gets it."""

from __future__ import annotations

from halftone_compute.ingest.sandbox.messages import Progress


def test_progress_as_json() -> None:
    fields = {"phase": "reading", "rows": 5, "rows_total": None, "bytes": 10, "bytes_total": 20}
    assert Progress("reading", 5, None, 10, 20).as_json() == fields
