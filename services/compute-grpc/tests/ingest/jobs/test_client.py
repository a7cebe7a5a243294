"""The worker's calls to auth: what they carry, and how long they insist."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from halftone_compute.ingest.jobs.client import Claim, Job, JobsClient
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason
from halftone_compute.ingest.registry import format_of
from halftone_compute.ingest.sandbox.messages import Progress
from halftone_compute.ingest.write.staging import StagedVersion
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.manifest import ColumnEntry, Manifest
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo
from ingest_rig.auth_server import SERVICE_TOKEN, AuthServer

if TYPE_CHECKING:
    from pathlib import Path

PROGRESS = Progress("reading", 5, None, 10, 20)
ERROR = HalftoneError(ErrorCode.RAGGED_ROW, "Line 3 has 1 cells, the header 2.", field="a")


def _claimed(client: JobsClient) -> Job:
    job = client.claim(["ingest"]).job
    assert job is not None
    return job


def _finished() -> StagedVersion:
    info = ColumnInfo("k", "category", "string", None, None, 1, 2, (("a", 3), (None, 1)))
    entry = ColumnEntry(info, "plain", "<i4", {"values": DataFile("c0000.values", 16, "ab" * 32)})
    return StagedVersion(Manifest("d", "v", 4, "cd" * 32, (entry,)), "datasets/d/manifest.json", "ef" * 32)


def test_nothing_to_do(client: JobsClient) -> None:
    assert client.claim(["ingest"]) == Claim(None, knows_formats=False)


def test_a_job_and_its_progress(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    row = auth.add(tmp_path, "flights.csv", b"a\n1\n")
    job = _claimed(client)
    assert job == Job(row.job_id, 1, row.dataset_id, row.version_id, row.uri, "csv", "a.csv")
    assert client.renew_lease(job, PROGRESS) is False
    row.cancel = True
    assert client.renew_lease(job, PROGRESS) is True
    renewal = {"token": 1, "phase": "reading", "rows": 5, "rows_total": None, "bytes": 10, "bytes_total": 20}
    assert row.renewals == [renewal, renewal]


def test_a_publication(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    row = auth.add(tmp_path, "a.csv", b"")
    assert client.publish(_claimed(client), _finished(), StopFlag(), 0.0) == row.version_id
    [body] = row.publications
    assert (body["manifest"], body["rows"], body["bytes"]) == ("datasets/d/manifest.json", 4, 16)
    assert ColumnInfo.from_json(body["columns"][0]) == _finished().manifest.columns[0].info


def test_a_failure(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    row = auth.add(tmp_path, "a.csv", b"")
    client.fail(_claimed(client), ERROR, StopFlag(), 0.0)
    assert row.state == "failed"
    assert row.failure == {"token": 1, "code": "ragged_row", "detail": ERROR.detail, "field": "a"}


@pytest.mark.parametrize("fault", [0, 500, 502, 503, 429])
def test_an_auth_service_that_restarts_loses_nothing(
    client: JobsClient, auth: AuthServer, tmp_path: Path, fault: int
) -> None:
    row = auth.add(tmp_path, "a.csv", b"")
    job = _claimed(client)
    auth.faults = [fault] * 3
    client.publish(job, _finished(), StopFlag(), 60.0)
    assert (row.state, len(row.publications)) == ("published", 1)


def test_an_answer_that_got_lost_publishes_once(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    row = auth.add(tmp_path, "a.csv", b"")
    job = _claimed(client)
    auth.lost_answers = ["publish"]
    client.publish(job, _finished(), StopFlag(), 60.0)
    assert (row.state, len(row.publications)) == ("published", 1)


def test_patience_ends(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    auth.add(tmp_path, "a.csv", b"")
    job = _claimed(client)
    auth.faults = [503] * 2
    with pytest.raises(HalftoneError) as caught:
        client.fail(job, ERROR, StopFlag(), 0.0)
    assert caught.value.code == ErrorCode.AUTH_UNAVAILABLE
    assert len(auth.faults) == 1


def test_insisting_ends_with_the_job(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    auth.add(tmp_path, "a.csv", b"")
    job = _claimed(client)
    auth.faults = [503] * 9
    stop = StopFlag()
    stop.set(StopReason.SHUTDOWN)
    with pytest.raises(StoppedError):
        client.fail(job, ERROR, stop, 60.0)
    assert len(auth.faults) == 8


def test_a_stale_token_is_a_lost_lease(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    auth.lease_seconds = 0.0
    auth.add(tmp_path, "a.csv", b"")
    old, new = _claimed(client), _claimed(client)
    assert (old.token, new.token) == (1, 2)
    for call in (
        lambda: client.renew_lease(old, PROGRESS),
        lambda: client.fail(old, ERROR, StopFlag(), 60.0),
        lambda: client.publish(old, _finished(), StopFlag(), 60.0),
    ):
        with pytest.raises(StoppedError) as caught:
            call()
        assert caught.value.reason is StopReason.LEASE_LOST
    client.publish(new, _finished(), StopFlag(), 0.0)


def test_a_job_that_is_gone_is_a_lost_lease(client: JobsClient) -> None:
    with pytest.raises(StoppedError):
        client.renew_lease(Job(str(uuid4()), 1, "d", "v", "uri", "csv", ""), PROGRESS)


def test_a_wrong_service_token_is_named(auth: AuthServer) -> None:
    with JobsClient(auth.url, "wrong", "tester") as stranger, pytest.raises(HalftoneError) as caught:
        stranger.claim(["ingest"])
    assert caught.value.code == ErrorCode.TOKEN_INVALID


def test_nobody_listens() -> None:
    with JobsClient("http://127.0.0.1:1", SERVICE_TOKEN, "tester") as client, pytest.raises(HalftoneError) as caught:
        client.claim(["ingest"])
    assert caught.value.code == ErrorCode.AUTH_UNAVAILABLE


def test_formats_are_announced(client: JobsClient, auth: AuthServer) -> None:
    client.announce([replace(format_of("csv"), title="Toy", endings=("toy", "toy.gz"), magics=(b"TOY1",))])
    assert auth.formats == [{"title": "Toy", "endings": ["toy", "toy.gz"], "magics": ["544f5931"]}]
    assert client.claim(["ingest"]).knows_formats


def test_a_preview_and_its_result(client: JobsClient, auth: AuthServer, tmp_path: Path) -> None:
    wish = {"dialect": {"delimiter": ";"}}
    row = auth.add(tmp_path, "a.csv", b"", kind="preview", reading=wish, base={"columns": []})
    assert client.claim(["ingest"]).job is None
    job = client.claim(["ingest", "preview"]).job
    assert job is not None
    assert (job.kind, job.dataset_id, job.reading, job.base) == ("preview", "", wish, {"columns": []})
    client.finish_preview(job, {"rows": []}, StopFlag(), 0.0)
    assert (row.state, row.results) == ("ready", [{"rows": []}])
