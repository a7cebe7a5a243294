"""A job stops once, for a reason."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.jobs.stop import Reason, StopFlag, StoppedError


def test_nothing_happens_before() -> None:
    stop = StopFlag()
    stop.check()
    stop.sleep(0.0)
    assert stop.reason is None


@pytest.mark.parametrize("reason", list(Reason))
def test_the_reason_is_told(reason: Reason) -> None:
    stop = StopFlag()
    stop.set(reason)
    with pytest.raises(StoppedError) as caught:
        stop.check()
    assert caught.value.reason is reason


def test_a_cancelled_job_may_still_wait_to_report_itself() -> None:
    stop = StopFlag()
    stop.set(Reason.CANCELLED)
    stop.sleep(0.0)
    stop.set(Reason.LEASE_LOST)
    stop.set(Reason.CANCELLED)
    with pytest.raises(StoppedError) as caught:
        stop.sleep(60.0)
    assert caught.value.reason is Reason.LEASE_LOST
