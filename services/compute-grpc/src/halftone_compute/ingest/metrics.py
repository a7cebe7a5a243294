"""Metrics of the ingest worker."""

from __future__ import annotations

from halftone_servicekit.metrics import counter, gauge, histogram

JOBS = counter(
    "ingest_jobs",
    "Jobs by outcome: published, ready (a preview), cancelled, lease_lost, shutdown, or an error code.",
    ["outcome"],
)
RUNNING = gauge("ingest_running", "Jobs running now.")
ROWS = counter("ingest_rows", "Rows of published versions.")
BYTES = counter("ingest_bytes", "Bytes of published versions on disk.")
SECONDS = histogram(
    "ingest_seconds",
    "Seconds of an import from claim to outcome.",
    buckets=(0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0),
)
CHILD_MEMORY = gauge(
    "ingest_child_memory_bytes", "Most bytes that a process which reads or orders a file had resident so far."
)
CALLS = counter("ingest_auth_calls", "Calls to the auth service by result: ok, retried, refused.", ["result"])
WAKES = counter("ingest_wakes", "Messages that woke the worker.")
