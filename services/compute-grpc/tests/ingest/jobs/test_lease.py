"""The lease of a running job is renewed, and its loss or cancellation stops the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_compute.ingest.jobs.lease import LeaseRenewal
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason
from halftone_compute.ingest.sandbox.messages import Progress
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from ingest_rig.auth_server import AuthServer, JobRow


def _claimed(client: JobsClient, auth: AuthServer, root: Path) -> tuple[Job, JobRow]:
    row = auth.add(root, "a.csv", b"")
    job = client.claim(["ingest"]).job
    assert job is not None
    return job, row


def test_it_renews_with_the_latest_progress_and_stops(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    job, row = _claimed(client, auth, tmp_path)
    with LeaseRenewal(client, job, StopFlag(), 0.01) as lease:
        lease.report(Progress("reading", 7, 9, 1, 2))
        until(lambda: row.renewals and row.renewals[-1]["rows"] == 7)
    count = len(row.renewals)
    assert row.renewals[-1]["phase"] == "reading"
    assert len(row.renewals) == count


def test_a_cancelled_job_sets_the_flag(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    job, row = _claimed(client, auth, tmp_path)
    stop = StopFlag()
    with LeaseRenewal(client, job, stop, 0.01):
        row.cancel = True
        until(lambda: stop.reason)
    assert stop.reason is StopReason.CANCELLED


def test_a_lost_lease_sets_the_flag(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    job, row = _claimed(client, auth, tmp_path)
    stop = StopFlag()
    with LeaseRenewal(client, job, stop, 0.01):
        row.token += 1
        until(lambda: stop.reason)
    assert stop.reason is StopReason.LEASE_LOST


def test_an_auth_service_that_is_away_for_a_while_changes_nothing(
    client: JobsClient, auth: AuthServer, tmp_path: Path
) -> None:
    job, row = _claimed(client, auth, tmp_path)
    auth.faults = [0, 500, 503]
    stop = StopFlag()
    with LeaseRenewal(client, job, stop, 0.01):
        until(lambda: row.renewals)
    assert stop.reason is None
