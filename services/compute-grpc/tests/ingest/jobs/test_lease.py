"""The lease of a running job is kept, and its end is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_compute.ingest.jobs.lease import Heartbeat
from halftone_compute.ingest.jobs.stop import Reason, StopFlag
from halftone_compute.ingest.sandbox.convert import Progress
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from ingest_rig.auth_server import AuthServer, JobRow


def _claimed(client: JobsClient, auth: AuthServer, root: Path) -> tuple[Job, JobRow]:
    row = auth.add(root, "a.csv", b"")
    job = client.claim()
    assert job is not None
    return job, row


def test_it_beats_with_the_latest_progress_and_stops(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    job, row = _claimed(client, auth, tmp_path)
    with Heartbeat(client, job, StopFlag(), 0.01) as heartbeat:
        heartbeat.report(Progress("reading", 7, 9, 1, 2))
        until(lambda: row.beats and row.beats[-1]["rows"] == 7)
    count = len(row.beats)
    assert row.beats[-1]["phase"] == "reading"
    assert len(row.beats) == count


def test_a_cancelled_job_sets_the_flag(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    job, row = _claimed(client, auth, tmp_path)
    stop = StopFlag()
    with Heartbeat(client, job, stop, 0.01):
        row.cancel = True
        until(lambda: stop.reason)
    assert stop.reason is Reason.CANCELLED


def test_a_lost_lease_sets_the_flag(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    job, row = _claimed(client, auth, tmp_path)
    stop = StopFlag()
    with Heartbeat(client, job, stop, 0.01):
        row.token += 1
        until(lambda: stop.reason)
    assert stop.reason is Reason.LEASE_LOST


def test_an_auth_service_that_is_away_for_a_while_changes_nothing(
    client: JobsClient, auth: AuthServer, tmp_path: Path
) -> None:
    job, row = _claimed(client, auth, tmp_path)
    auth.faults = [0, 500, 503]
    stop = StopFlag()
    with Heartbeat(client, job, stop, 0.01):
        until(lambda: row.beats)
    assert stop.reason is None
