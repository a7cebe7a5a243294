"""A preview to its outcome: a result, or what is wrong with the file, and nothing left on disk."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from halftone_compute.ingest.jobs.preview import PreviewAttempt
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason
from halftone_servicekit.storage import FileStorage
from ingest_rig.processes import reading_child
from ingest_rig.samples import TWO_COLUMNS

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace
    from ingest_rig.auth_server import AuthServer


def _claimed(client: JobsClient) -> Job:
    job = client.claim(["preview"]).job
    assert job is not None
    return job


def _run(client: JobsClient, workspace: Workspace, stop: StopFlag | None = None) -> str:
    outcome = PreviewAttempt(client, _claimed(client), workspace, stop or StopFlag()).run()
    assert list((workspace.root / "previews").iterdir()) == []
    return outcome


def test_a_result_reaches_auth(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.csv", b"v\n1.5\n2.5\n", kind="preview")
    assert _run(client, workspace) == "ready"
    [result] = row.results
    assert (result["rows"], result["whole"]) == ([["1.5"], ["2.5"]], True)


def test_what_is_wrong_with_a_file_reaches_auth(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.csv", b"", kind="preview")
    assert _run(client, workspace) == "empty_file"
    assert (row.state, row.failure["code"]) == ("failed", "empty_file")


def test_an_upload_that_is_gone_is_named(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    row = auth.add(workspace.root, "a.csv", b"v\n1\n", kind="preview")
    (workspace.root / row.uri).unlink()
    assert _run(client, workspace) == "not_found"


@pytest.mark.parametrize(
    ("act", "outcome", "state"),
    [("cancel", "cancelled", "cancelled"), ("lose", "lease_lost", "running"), ("stop", "shutdown", "running")],
)
def test_a_preview_that_is_not_wanted_any_more_ends(
    held: None, client: JobsClient, auth: AuthServer, workspace: Workspace, act: str, outcome: str, state: str
) -> None:
    row = auth.add(workspace.root, "a.csv", TWO_COLUMNS, kind="preview")
    stop = StopFlag()
    outcomes: list[str] = []
    thread = threading.Thread(target=lambda: outcomes.append(_run(client, workspace, stop)))
    thread.start()
    reading_child()
    if act == "cancel":
        row.cancel = True
    elif act == "lose":
        row.token += 1
    else:
        stop.set(StopReason.SHUTDOWN)
    thread.join()
    assert (outcomes, row.state, row.results) == ([outcome], state, [])


def test_a_fetched_file_is_kept_for_the_next_look(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    bucket = FileStorage(workspace.root / "bucket")
    remote = replace(workspace, remote=bucket)
    for name in ("first", "second"):
        (workspace.root / name).write_bytes(b"v\n1\n2\n")
        bucket.put(workspace.root / name, f"uploads/{name}/source")
    kept: list[set[str]] = []
    for name in ("first", "first", "second"):
        row = auth.add(workspace.root, "a.csv", b"", kind="preview")
        row.uri = f"uploads/{name}/source"
        assert _run(client, remote) == "ready"
        kept.append({path.name for path in (workspace.root / "previewed").iterdir()})
    assert kept[0] == kept[1] != kept[2]
    assert len(kept[2]) == 1
    bucket.remove("uploads/second")
    row = auth.add(workspace.root, "a.csv", b"", kind="preview")
    row.uri = "uploads/second/source"
    assert _run(client, remote) == "not_found"


def test_a_job_without_a_known_ending_goes_by_its_name(
    client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, f"{uuid4()}.csv", b"v\n1\n2\n", kind="preview")
    row.format = ""
    row.name = "a.csv"
    assert _run(client, workspace) == "ready"
