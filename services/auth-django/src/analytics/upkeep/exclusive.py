"""Runs at most one sweep at a time across replicas: `beat` and claims of ingest workers start it."""

from datetime import datetime

from halftone_auth.database.locks import Lock, try_advisory_lock

from analytics.upkeep.sweep import sweep


def try_sweep(now: datetime) -> dict[str, int] | None:
    """Sweeps and returns counts by kind; returns None at once while another thread or replica sweeps."""
    with try_advisory_lock(Lock.SWEEP) as is_acquired:
        return sweep(now) if is_acquired else None
