"""Where the attempts at a job are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from halftone_compute.ingest.jobs.client import Job
from halftone_compute.ingest.write.delivery import RemoteStaging
from halftone_servicekit.storage import FileStorage

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.workspace import Workspace


def test_the_folder_names_the_job_and_its_token(workspace: Workspace) -> None:
    job = Job(str(uuid4()), 7, str(uuid4()), str(uuid4()), "uploads/x/source", "csv", "a.csv")
    folder = workspace.root / "datasets" / job.dataset_id / "versions" / job.version_id / "7.partial"
    assert workspace.staging(job).folder == folder
    remote = replace(workspace, remote=FileStorage(workspace.root / "bucket")).staging(job)
    assert isinstance(remote, RemoteStaging)
    assert remote.folder == folder
