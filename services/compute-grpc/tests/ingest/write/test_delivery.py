"""Imports from and to a real object store: a version is there once its manifest is, or nothing is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.jobs.index import IndexAttempt
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason
from halftone_compute.ingest.write.delivery import RemoteStaging, scratch_folder
from halftone_compute.store.open import cached_store
from halftone_compute.store.remote.cache import FileCache
from halftone_servicekit.storage import s3 as objects
from halftone_servicekit.tokens import Grant
from ingest_rig.auth_server import SERVICE_TOKEN
from ingest_rig.samples import parquet
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace
    from halftone_servicekit.storage import Storage
    from halftone_servicekit.testing_objects import ObjectStore
    from ingest_rig.auth_server import AuthServer, JobRow

ROWS = 600_000
# 600,000 rows as flights have them: numbers, nulls, categories; 11 MB once written.
FLIGHTS = parquet(
    {
        "distance": np.arange(ROWS) % 5_000,
        "delay": np.arange(ROWS) * 0.1,
        "carrier": np.array(["AA", "DL", "UA"])[np.arange(ROWS) % 3],
    }
)


PAIR = {"x": "delay", "y": "distance", "firm": True}


@pytest.fixture
def remote(workspace: Workspace, bucket: Storage) -> Workspace:
    return replace(workspace, root=workspace.root / "scratch", remote=bucket)


def add(auth: AuthServer, bucket: Storage, folder: Path, data: bytes, name: str = "a.parquet") -> JobRow:
    """Queues the import of a file that lies in the bucket."""
    row = auth.add(folder / "uploaded", name, data)
    bucket.put(folder / "uploaded" / row.uri, row.uri)
    return row


def run(client: JobsClient, workspace: Workspace, stop: StopFlag | None = None) -> str:
    job = client.claim(["ingest"]).job
    assert job is not None
    return JobAttempt(client, job, workspace, stop or StopFlag()).run()


def run_index(client: JobsClient, workspace: Workspace) -> str:
    job = client.claim(["index"]).job
    assert job is not None
    return IndexAttempt(client, job, workspace, StopFlag()).run()


def attempts(bucket: Storage, row: JobRow) -> list[str]:
    return bucket.children(f"datasets/{row.dataset_id}/versions/{row.version_id}")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def opened(bucket: Storage, folder: Path, row: JobRow) -> dict[str, np.ndarray]:
    """The columns of the version, in the order of the file, in which the delay ascends."""
    [body] = row.publications
    (folder / "cache").mkdir(exist_ok=True)
    store = cached_store(FileCache(bucket, folder / "cache", 1 << 30))
    grant = Grant("someone", row.dataset_id, row.version_id, body["manifest"], frozenset("*"), "", "view", 4e9)
    version = store.open(grant)
    [block] = version.blocks(list(version.columns), None)
    in_file = np.argsort(block.values["delay"])
    return {name: values[in_file] for name, values in block.values.items()}


def test_a_file_becomes_a_version_in_the_bucket(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path
) -> None:
    row = add(auth, bucket, tmp_path, FLIGHTS)
    sent: list[str] = []
    real = RemoteStaging._put

    def put(staging: RemoteStaging, name: str, on_sent: Callable[[int], None]) -> None:
        sent.append(name)
        assert not bucket.exists(f"datasets/{row.dataset_id}/versions/{row.version_id}/1/manifest.json")
        real(staging, name, on_sent)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RemoteStaging, "_put", put)
        assert run(client, remote) == "published"
    # Four columns, and the five files of the index.
    assert (len(sent), sent[-1]) == (10, "manifest.json")
    values = opened(bucket, tmp_path, row)
    np.testing.assert_array_equal(values["distance"], np.arange(ROWS) % 5_000)
    np.testing.assert_array_equal(values["delay"], np.arange(ROWS) * 0.1)
    assert attempts(bucket, row) == ["1"]
    assert files(remote.root) == []


def test_what_others_left_is_removed_and_not_what_comes_later(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path
) -> None:
    row = add(auth, bucket, tmp_path, b"a\n1\n", "a.csv")
    row.token = 4
    for token in (1, 2, 9):
        bucket.put(tmp_path / "uploaded" / row.uri, f"datasets/{row.dataset_id}/versions/{row.version_id}/{token}/x")
    assert run(client, remote) == "published"
    assert attempts(bucket, row) == ["5", "9"]


@pytest.mark.parametrize(
    ("data", "name", "code"), [(b"a,b\n1,2\n3\n", "a.csv", "ragged_row"), (b"\x7fELF", "a.parquet", "type_mismatch")]
)
def test_what_is_wrong_with_a_file_leaves_nothing(
    client: JobsClient,
    auth: AuthServer,
    remote: Workspace,
    bucket: Storage,
    tmp_path: Path,
    data: bytes,
    name: str,
    code: str,
) -> None:
    row = add(auth, bucket, tmp_path, data, name)
    assert run(client, remote) == code
    assert (row.failure["code"], attempts(bucket, row), files(remote.root)) == (code, [], [])


@pytest.mark.parametrize("uri", ["uploads/gone/source", "../outside", "/etc/passwd"])
def test_a_source_that_is_gone_or_elsewhere(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path, uri: str
) -> None:
    row = add(auth, bucket, tmp_path, b"a\n1\n", "a.csv")
    row.uri = uri
    assert run(client, remote) == "not_found"


def test_a_source_larger_than_allowed_is_not_fetched(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path
) -> None:
    add(auth, bucket, tmp_path, FLIGHTS)
    assert run(client, replace(remote, max_bytes=1 << 20)) == "too_large_uncompressed"
    assert files(remote.root) == []


@pytest.mark.parametrize(
    ("reason", "state"),
    [(StopReason.CANCELLED, "cancelled"), (StopReason.LEASE_LOST, "running"), (StopReason.SHUTDOWN, "running")],
)
def test_a_job_stopped_while_it_uploads_leaves_nothing(
    client: JobsClient,
    auth: AuthServer,
    remote: Workspace,
    bucket: Storage,
    tmp_path: Path,
    reason: StopReason,
    state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = add(auth, bucket, tmp_path, FLIGHTS)
    stop = StopFlag()
    real = RemoteStaging._put

    def put(staging: RemoteStaging, name: str, on_sent: Callable[[int], None]) -> None:
        real(staging, name, on_sent)
        stop.set(reason)

    monkeypatch.setattr(RemoteStaging, "_put", put)
    assert run(client, remote, stop) == reason.value
    assert (row.state, row.publications) == (state, [])
    assert (attempts(bucket, row), files(remote.root)) == ([], [])
    assert bucket.forget_unfinished(time.time() + 60) == 0


def test_progress_is_reported_while_it_fetches_and_uploads(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path
) -> None:
    row = add(auth, bucket, tmp_path, FLIGHTS)
    reported: list[tuple[str, int, int]] = []
    real = JobAttempt._copy_progress

    def copy_progress(self: JobAttempt, lease: object, phase: str, rows: int) -> Callable[[int, int], None]:
        on_progress = real(self, lease, phase, rows)  # type: ignore[arg-type]

        def both(done: int, total: int) -> None:
            reported.append((phase, done, total))
            on_progress(done, total)

        return both

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JobAttempt, "_copy_progress", copy_progress)
        assert run(client, remote) == "published"
    phases = list(dict.fromkeys(phase for phase, _, _ in reported))
    assert phases == ["fetching", "publishing"]
    for phase in phases:
        steps = [(done, total) for name, done, total in reported if name == phase]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0
    assert row.state == "published"


def test_a_worker_killed_while_it_uploads_is_replaced(
    auth: AuthServer, bucket: Storage, object_store: ObjectStore, tmp_path: Path
) -> None:
    auth.lease_seconds = 2.0
    row = add(auth, bucket, tmp_path, FLIGHTS)
    prefix = bucket_prefix(bucket)
    workers = [started(auth, object_store, prefix, tmp_path)]
    try:
        # Killed as soon as something is there; on a machine so fast that all of it is, before it can say so.
        auth.before["publish"] = workers[0].kill
        until(lambda: attempts(bucket, row))
        workers[0].kill()
        workers[0].wait()
        auth.before.clear()
        assert row.state == "running"
        workers.append(started(auth, object_store, prefix, tmp_path))
        until(lambda: row.state == "published", 120.0)
        assert row.token == 2
        assert attempts(bucket, row) == ["2"]
        np.testing.assert_array_equal(opened(bucket, tmp_path, row)["distance"], np.arange(ROWS) % 5_000)
        assert files(tmp_path / "home" / "scratch") == []
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def bucket_prefix(bucket: Storage) -> str:
    assert isinstance(bucket, objects.S3Storage)
    return bucket.key("x").removesuffix("/x")


def started(auth: AuthServer, store: ObjectStore, prefix: str, tmp_path: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        **store.environment(prefix),
        "HALFTONE_HOME": str(tmp_path / "home"),
        "HALFTONE_AUTH_URL": auth.url,
        "HALFTONE_SERVICE_TOKEN": SERVICE_TOKEN,
        "HALFTONE_WORKER_METRICS_PORT": "0",
        "HALFTONE_INGEST_GRACE": "0",
    }
    with (tmp_path / "log").open("ab") as log:
        return subprocess.Popen([sys.executable, "-m", "halftone_compute.ingest"], env=environment, stderr=log)


def test_the_same_content_again_leaves_no_second_copy(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path
) -> None:
    row = add(auth, bucket, tmp_path, b"a\n1\n", "a.csv")
    row.same_as = "the version before"
    assert run(client, remote) == "published"
    assert attempts(bucket, row) == []


def test_scratch_of_the_dead_is_removed(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    for name in (str(dead.pid), str(os.getpid()), "1"):
        (tmp_path / "scratch" / name).mkdir(parents=True)
        (tmp_path / "scratch" / name / "file").touch()
    folder = scratch_folder(tmp_path)
    assert list(folder.iterdir()) == []
    assert sorted(path.name for path in folder.parent.iterdir()) == sorted({"1", str(os.getpid())})


def test_an_index_is_made_of_what_lies_in_the_bucket(
    client: JobsClient, auth: AuthServer, remote: Workspace, bucket: Storage, tmp_path: Path
) -> None:
    first = add(auth, bucket, tmp_path, FLIGHTS)
    first.options = {"pair": None}
    assert run(client, remote) == "published"
    manifest = first.publications[0]["manifest"]
    row = auth.add_index(manifest, first.dataset_id)
    row.options = {"pair": PAIR}
    assert run_index(client, remote) == "published"
    assert row.publications[0]["pair"] == {"x": "delay", "y": "distance"}
    before, after = (opened(bucket, tmp_path, each) for each in (first, row))
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)
    assert files(remote.root) == []
    bucket.remove(manifest)
    gone = auth.add_index(manifest, first.dataset_id)
    gone.options = {"pair": PAIR}
    assert run_index(client, remote) == "not_found"
    assert attempts(bucket, gone) == []
