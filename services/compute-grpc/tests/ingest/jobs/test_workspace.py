"""Where the attempts at a job are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from halftone_compute.ingest.jobs.client import Job
from halftone_compute.ingest.source import files_of
from halftone_compute.ingest.write.delivery import RemoteStaging
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.sources import Source
from halftone_servicekit.storage import FileStorage, StorageAddress, open_storage
from halftone_servicekit.testing_objects import ObjectStore
from halftone_servicekit.testing_servers import ServerMissingError

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.jobs.workspace import Workspace


def test_the_folder_names_the_job_and_its_token(workspace: Workspace) -> None:
    job = Job(str(uuid4()), 7, str(uuid4()), str(uuid4()), "uploads/x/source", "csv", "a.csv")
    folder = workspace.root / "datasets" / job.dataset_id / "versions" / job.version_id / "7.partial"
    assert workspace.staging(job).folder == folder
    remote = replace(workspace, remote=FileStorage(workspace.root / "bucket")).staging(job)
    assert isinstance(remote, RemoteStaging)
    assert remote.folder == folder


def test_a_source_on_this_machine_is_read_in_place(workspace: Workspace) -> None:
    (workspace.root / "opened" / "parts").mkdir(parents=True)
    source = Source("trips", StorageAddress(f"file://{workspace.root}/opened"))
    opened = replace(workspace, sources={"trips": source})
    job = Job(str(uuid4()), 7, str(uuid4()), str(uuid4()), "source:trips/parts", "csv", "parts")
    place = (workspace.root / "opened" / "parts").resolve()
    assert opened.import_source(job, opened.staging(job), _ignore) == place
    assert opened.preview_source(job, _ignore) == place
    opened.forget_fetched(job)
    assert place.exists()
    for uri in ("source:other/parts", "source:trips/../datasets", "source:trips/none", "source:trips//etc"):
        with pytest.raises(HalftoneError, match="not_found"):
            opened.import_source(replace(job, uri=uri), opened.staging(job), _ignore)


def test_objects_of_a_source_are_fetched_for_one_job(workspace: Workspace, tmp_path: Path) -> None:
    try:
        store = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with store:
        address = store.address("opened")
        objects = open_storage(address)
        for name in ("parts/1.csv", "parts/2.csv"):
            writer = objects.open(name)
            writer.write(b"x,y\n1,2\n")
            writer.commit()
        opened = replace(workspace, sources={"trips": Source("trips", address)}, scratch=tmp_path / "scratch")
        job = Job(str(uuid4()), 7, str(uuid4()), str(uuid4()), "source:trips/parts", "csv", "parts")
        heard: list[tuple[int, int]] = []
        folder = opened.import_source(job, opened.staging(job), lambda *figures: heard.append(figures))
        assert [path.read_bytes() for path in files_of(folder)] == [b"x,y\n1,2\n"] * 2
        assert heard[-1] == (16, 16)
        opened.forget_fetched(job)
        assert files_of(tmp_path / "scratch") == []


def test_an_uploaded_set_is_a_folder(workspace: Workspace, tmp_path: Path) -> None:
    try:
        store = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with store:
        bucket = open_storage(store.address("uploaded"))
        here = FileStorage(workspace.root)
        for storage in (bucket, here):
            for name in ("part-2.csv", "part-1.csv"):
                writer = storage.open(f"uploads/u/source/{name}")
                writer.write(name.encode())
                writer.commit()
        job = Job(str(uuid4()), 7, str(uuid4()), str(uuid4()), "uploads/u/source", "csv", "part")
        away = replace(workspace, root=tmp_path / "scratch", remote=bucket)
        heard: list[tuple[int, int]] = []
        for place in (workspace, away):
            staging = place.staging(job)
            for _ in range(2):
                for folder in (
                    place.preview_source(job, lambda *figures: heard.append(figures)),
                    place.import_source(job, staging, lambda *figures: heard.append(figures)),
                ):
                    assert [path.name for path in files_of(folder)] == ["part-1.csv", "part-2.csv"]
                    assert [path.read_bytes() for path in files_of(folder)] == [b"part-1.csv", b"part-2.csv"]
        # Fetched once for previews, and for each import.
        assert heard == [(0, 20), (10, 20), (20, 20)] * 3
        bucket.remove("uploads/u")
        with pytest.raises(HalftoneError, match="not_found"):
            away.preview_source(job, _ignore)


def _ignore(_done: int, _total: int) -> None:
    """No-op progress callback."""
