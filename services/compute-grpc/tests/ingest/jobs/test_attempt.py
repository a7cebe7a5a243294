"""One job to its outcome: published whole, or reported with nothing left on disk."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.jobs.slot import Slot
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason
from halftone_compute.ingest.write.staging import Staging
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.tokens import Grant
from ingest_rig.full_disk import full_disk
from ingest_rig.samples import TWO_COLUMNS, parquet, slow_csv
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace
    from ingest_rig.auth_server import AuthServer, JobRow


def _claimed(client: JobsClient) -> Job:
    job = client.claim(["ingest"]).job
    assert job is not None
    return job


def _run(client: JobsClient, workspace: Workspace, stop: StopFlag | None = None) -> str:
    return JobAttempt(client, _claimed(client), workspace, stop or StopFlag()).run()


def _versions(workspace: Workspace) -> list[str]:
    """Every file of any attempt at any version."""
    return [path.name for path in (workspace.root / "datasets").glob("*/versions/*/*/*")]


def _grant(row: JobRow, manifest: str) -> Grant:
    return Grant("someone", row.dataset_id, row.version_id, manifest, frozenset("*"), "", "view", 4e9)


def test_columns_that_cannot_be_held_are_named(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.parquet", parquet({"x": [1, 2], "tags": [["a"], ["b", "c"]]}))
    assert _run(client, workspace) == "published"
    [body] = row.publications
    [skipped] = body["skipped"]
    assert (skipped["name"], skipped["reason"]) == ("tags", "unsupported_type")
    assert [column["name"] for column in body["columns"]] == ["x"]


def test_a_published_version_can_be_opened(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.parquet", parquet({"x": np.arange(1_000), "k": ["a", "b"] * 500}))
    assert _run(client, workspace) == "published"
    [body] = row.publications
    assert body["manifest"] == f"datasets/{row.dataset_id}/versions/{row.version_id}/1/manifest.json"
    version = LocalStore(workspace.root).open(_grant(row, body["manifest"]))
    [block] = version.blocks(["x", "k"], None)
    np.testing.assert_array_equal(block.values["x"], np.arange(1_000))
    assert body["bytes"] == sum(
        (workspace.root / body["manifest"]).with_name(name).stat().st_size
        for name in ("c0000.values", "c0001.values", "c0001.labels")
    )


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.parquet", b"\x7fELF", "type_mismatch"),
        ("a.parquet", parquet({"a": [1]})[:-9], "corrupt_parquet"),
        ("a.csv", b"", "empty_file"),
        ("a.csv", b"a,b\n1,2\n3\n", "ragged_row"),
        ("a.csv", ",".join(["1"] * 3_000).encode() + b"\n", "too_many_columns"),
        ("a.docx", b"x", "unsupported_type"),
    ],
)
def test_what_is_wrong_with_a_file_reaches_auth(
    client: JobsClient, auth: AuthServer, workspace: Workspace, name: str, data: bytes, code: str
) -> None:
    row = auth.add(workspace.root, name, data)
    assert _run(client, workspace) == code
    assert (row.state, row.failure["code"]) == ("failed", code)
    assert row.failure["detail"]
    assert _versions(workspace) == []


@pytest.mark.parametrize("uri", ["../outside", "/etc/passwd", "uploads/gone/source", "uploads"])
def test_a_source_that_is_gone_or_elsewhere(
    client: JobsClient, auth: AuthServer, workspace: Workspace, uri: str
) -> None:
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    row.uri = uri
    (workspace.root.parent / "outside").write_bytes(b"a\n1\n")
    assert _run(client, workspace) == "not_found"
    assert row.state == "failed"


def _stopped(client: JobsClient, auth: AuthServer, workspace: Workspace, act: str) -> tuple[str, JobRow]:
    """Runs a job and steps in while its child is held; the outcome."""
    row = auth.add(workspace.root, "a.csv", TWO_COLUMNS)
    stop = StopFlag()
    outcome: list[str] = []
    thread = threading.Thread(target=lambda: outcome.append(_run(client, workspace, stop)))
    thread.start()
    until(lambda: _versions(workspace))
    if act == "cancel":
        row.cancel = True
    elif act == "lose":
        row.token += 1
    else:
        stop.set(StopReason.SHUTDOWN)
    thread.join()
    return outcome[0], row


def test_a_cancelled_job_is_cleared_away_and_reported(
    held: None, client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    outcome, row = _stopped(client, auth, workspace, "cancel")
    assert (outcome, row.state) == ("cancelled", "cancelled")
    assert _versions(workspace) == []


def test_a_lost_lease_ends_the_work_without_a_report(
    held: None, client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    outcome, row = _stopped(client, auth, workspace, "lose")
    assert (outcome, row.state, row.failure) == ("lease_lost", "running", {})
    assert _versions(workspace) == []


def test_a_worker_that_shuts_down_leaves_the_job_to_others(
    held: None, client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    outcome, row = _stopped(client, auth, workspace, "shutdown")
    assert (outcome, row.state, row.failure) == ("shutdown", "running", {})
    assert _versions(workspace) == []


def test_a_lease_lost_just_before_publication_publishes_nothing(
    client: JobsClient, auth: AuthServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    finish = Staging.finish

    def late(staging: Staging) -> object:
        finished = finish(staging)
        row.token += 1
        return finished

    monkeypatch.setattr(Staging, "finish", late)
    assert _run(client, workspace) == "lease_lost"
    assert (row.publications, _versions(workspace)) == ([], [])


def test_a_lost_answer_keeps_the_published_files(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    auth.lost_answers = ["publish"]
    assert _run(client, workspace) == "published"
    LocalStore(workspace.root).open(_grant(row, row.publications[0]["manifest"]))


def test_the_most_memory_of_a_child_is_told(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    auth.add(workspace.root, "a.csv", b"a\n1\n")
    slot = Slot("ingest", lambda job, stop: JobAttempt(client, job, workspace, stop), lambda: None)
    slot.start()
    slot.give(_claimed(client))
    slot.stop(60.0)
    assert metrics.CHILD_MEMORY._value.get() > 16 << 20


def test_the_same_content_again_leaves_no_second_copy(
    client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    row.same_as = "the version before"
    assert _run(client, workspace) == "published"
    assert _versions(workspace) == []


def test_a_job_delivered_twice_at_once_publishes_one_version(
    client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, "a.csv", slow_csv(5_000))
    auth.lease_seconds = 0.0
    jobs = [_claimed(client), _claimed(client)]
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=lambda job=job: outcomes.append(JobAttempt(client, job, workspace, StopFlag()).run()))
        for job in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "published" in outcomes
    assert len(row.publications) == 1
    LocalStore(workspace.root).open(_grant(row, row.publications[0]["manifest"]))
    folders = {path.parent.name for path in (workspace.root / "datasets").glob("*/versions/*/*/*")}
    assert folders == {"2"}


@pytest.mark.parametrize("call", ["rename", "fsync"])
def test_a_disk_that_fails_while_publishing_publishes_nothing(
    client: JobsClient, auth: AuthServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(f"halftone_compute.ingest.write.staging.os.{call}", broken)
    assert _run(client, workspace) == "internal"
    assert (row.state, row.publications, _versions(workspace)) == ("failed", [], [])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("mounting needs root: A FULL DISK IS NOT CHECKED HERE")
    yield folder
    subprocess.check_call(["umount", "-l", str(folder)])


def test_a_full_disk_is_named_harms_nobody_and_passes(
    client: JobsClient, auth: AuthServer, workspace: Workspace, small_disk: Path
) -> None:
    on_disk = replace(workspace, root=small_disk)
    before = auth.add(small_disk, "a.csv", b"a\n1\n")
    assert _run(client, on_disk) == "published"
    row = auth.add(small_disk, "a.parquet", parquet({"a": np.arange(2_000_000) % 10}))
    assert _run(client, on_disk) == "no_space"
    assert (row.state, row.failure["code"]) == ("failed", "no_space")
    assert not any(small_disk.glob(f"datasets/{row.dataset_id}/versions/*/*"))
    LocalStore(small_disk).open(_grant(before, before.publications[0]["manifest"]))
    auth.add(small_disk, "a.csv", b"a\n2\n")
    assert _run(client, on_disk) == "published"


def test_a_disk_that_gets_full_while_rows_are_ordered_leaves_nothing_and_the_job_passes_later(
    client: JobsClient, auth: AuthServer, workspace: Workspace, tmp_path: Path
) -> None:
    row = auth.add(workspace.root, "a.parquet", parquet({"x": np.arange(70_000.0), "y": np.arange(70_000.0)}))
    with full_disk(tmp_path, "s0001.values"):
        assert _run(client, workspace) == "no_space"
    assert (row.state, row.failure["code"], row.publications) == ("failed", "no_space", [])
    assert not any(workspace.root.glob("datasets/*/versions/*/*"))
    row.state = "queued"
    assert _run(client, workspace) == "published"
    version = LocalStore(workspace.root).open(_grant(row, row.publications[0]["manifest"]))
    assert version.index is not None


def test_a_folder_that_cannot_be_made_fails_the_job(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    (workspace.root / "datasets").write_bytes(b"in the way")
    assert _run(client, workspace) == "internal"
    assert row.state == "failed"
