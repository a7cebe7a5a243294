"""A job stops once, for a reason."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason


def test_nothing_happens_before() -> None:
    stop = StopFlag()
    stop.check()
    stop.sleep(0.0)
    assert stop.reason is None


@pytest.mark.parametrize("reason", list(StopReason))
def test_the_reason_is_told(reason: StopReason) -> None:
    stop = StopFlag()
    stop.set(reason)
    with pytest.raises(StoppedError) as caught:
        stop.check()
    assert caught.value.reason is reason


def test_a_cancelled_job_may_still_wait_to_report_itself() -> None:
    stop = StopFlag()
    stop.set(StopReason.CANCELLED)
    stop.sleep(0.0)
    stop.set(StopReason.LEASE_LOST)
    stop.set(StopReason.CANCELLED)
    with pytest.raises(StoppedError) as caught:
        stop.sleep(60.0)
    assert caught.value.reason is StopReason.LEASE_LOST
