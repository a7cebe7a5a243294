"""ChildLimits of the reading process that no test reaches by accident."""

from __future__ import annotations

from halftone_compute.ingest.sandbox.confine import ChildLimits

LIMITS = ChildLimits(memory=4 << 30, cpu_seconds=600, file_bytes=8 << 30)
