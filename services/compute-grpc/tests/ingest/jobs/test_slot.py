"""One job at a time, on one thread, whatever a job does."""

from __future__ import annotations

import threading

import pytest
from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.client import Job
from halftone_compute.ingest.jobs.slot import Slot
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError
from ingest_rig.waiting import until

JOB = Job("id", 1, "d", "v", "uri", "csv", "a.csv")


class _Held:
    """Runs until it is stopped."""

    def __init__(self, _: Job, stop: StopFlag) -> None:
        self._stop = stop

    def run(self) -> str:
        try:
            self._stop.sleep(60.0)
        except StoppedError as stopped:
            return stopped.reason.value
        return "published"


class _Broken:
    def __init__(self, *_: object) -> None: ...

    def run(self) -> str:
        raise RuntimeError("a bug")


def test_it_is_free_again_after_a_job_and_after_a_bug() -> None:
    freed = threading.Event()
    slot = Slot("ingest", _Broken, freed.set)
    slot.start()
    for _ in range(2):
        freed.clear()
        slot.give(JOB)
        assert freed.wait(60.0)
        assert slot.is_free
    slot.stop(0.0)
    assert not slot.is_alive


@pytest.mark.parametrize("kind", ["ingest", "preview"])
def test_after_its_time_a_job_is_dropped(kind: str) -> None:
    dropped, seconds = metrics.JOBS.labels("shutdown"), metrics.SECONDS._sum
    before = dropped._value.get()
    slot = Slot(kind, _Held, lambda: None)
    slot.start()
    slot.give(JOB)
    assert not slot.is_free
    slot.stop(0.0)
    assert dropped._value.get() == before + 1
    assert seconds.get() >= 0.0
    until(lambda: not slot.is_alive)
