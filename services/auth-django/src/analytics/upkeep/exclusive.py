"""When the sweep runs: by the clock of `beat`, and whenever an ingest worker asks for work. One at a time, anywhere."""

from datetime import datetime

from halftone_auth.database.locks import Lock, alone

from analytics.upkeep.sweep import sweep


def upkeep(now: datetime) -> dict[str, int] | None:
    """Does what is due and tells how much; None, at once, while another thread or replica is at it."""
    with alone(Lock.SWEEP) as is_alone:
        return sweep(now) if is_alone else None
