"""An index: the rows of a published version in another order, published whole, or nothing left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.jobs.index import IndexAttempt
from halftone_compute.ingest.jobs.stop import StopFlag, StopReason
from halftone_compute.store.manifest import load
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.tokens import Grant
from ingest_rig.full_disk import full_disk
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace
    from halftone_compute.store.manifest import Manifest
    from ingest_rig.auth_server import AuthServer, JobRow

ROWS = 90_000
RNG = np.random.default_rng(8)
HAS_VALUE = RNG.random(ROWS) < 0.9
COLUMNS: dict[str, Any] = {
    "x": RNG.normal(size=ROWS),
    "y": RNG.normal(size=ROWS),
    "v": np.where(HAS_VALUE, RNG.integers(0, 1_000, ROWS), 0),
    "kind": RNG.choice(["a", "b", "c"], ROWS),
    "note": [f"note {row}" for row in range(ROWS)],
}
PAIR = {"x": "v", "y": "x", "firm": True}


@pytest.fixture
def published(client: JobsClient, auth: AuthServer, workspace: Workspace) -> JobRow:
    """A version in the order of x and y."""
    columns = {**COLUMNS, "v": pa.array(COLUMNS["v"], mask=~HAS_VALUE)}
    row = auth.add(workspace.root, "a.parquet", parquet(columns), pair=None)
    assert _run(client, workspace, JobAttempt) == "published"
    assert row.publications[0]["pair"] == {"x": "x", "y": "y"}
    return row


def test_rows_get_the_order_and_keep_all_else(
    client: JobsClient, auth: AuthServer, workspace: Workspace, published: JobRow
) -> None:
    before = _files(workspace, published)
    row = _asked(auth, published)
    assert _run(client, workspace) == "published"
    [body] = row.publications
    [old] = published.publications
    assert body["pair"] == {"x": "v", "y": "x"}
    assert {key: body[key] for key in ("columns", "rows", "reading", "unreadable", "warnings", "skipped")} == {
        key: old[key] for key in ("columns", "rows", "reading", "unreadable", "warnings", "skipped")
    }
    assert body["content_hash"].startswith(old["content_hash"] + ":")
    _check(workspace, row)
    assert {renewal["phase"] for renewal in row.renewals} <= {*PHASES}
    assert _files(workspace, published) == before
    # Ordered once more, back to the first pair, it is the content of the file again.
    back = _asked(auth, row, {"x": "x", "y": "y", "firm": True})
    assert _run(client, workspace) == "published"
    assert back.publications[0]["content_hash"] == old["content_hash"]
    _check(workspace, back)


def test_an_import_orders_rows_as_a_person_wants(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    columns = {name: COLUMNS[name] for name in ("x", "y", "v")}
    row = auth.add(workspace.root, "a.parquet", parquet(columns), pair=PAIR)
    assert _run(client, workspace, JobAttempt) == "published"
    assert row.publications[0]["pair"] == {"x": "v", "y": "x"}
    refused = auth.add(workspace.root, "a.parquet", parquet(columns), pair={**PAIR, "y": "gone"})
    assert _run(client, workspace, JobAttempt) == "param_invalid"
    assert (refused.failure["field"], _files(workspace, refused)) == ("pair.y", {})
    kept = auth.add(workspace.root, "a.parquet", parquet(columns), pair={**PAIR, "y": "gone", "firm": False})
    assert _run(client, workspace, JobAttempt) == "published"
    assert kept.publications[0]["pair"] == {"x": "x", "y": "y"}


def test_an_auth_service_from_before_is_told_no_pair(
    client: JobsClient, auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, "a.parquet", parquet({name: COLUMNS[name] for name in ("x", "y")}))
    assert _run(client, workspace, JobAttempt) == "published"
    assert "pair" not in row.publications[0]


def test_what_is_damaged_or_gone_is_named_and_leaves_nothing(
    client: JobsClient, auth: AuthServer, workspace: Workspace, published: JobRow
) -> None:
    manifest = workspace.root / published.publications[0]["manifest"]
    path = manifest.with_name(_manifest(workspace, published).columns[2].files["values"].file)
    data = path.read_bytes()
    path.write_bytes(data[:1000] + bytes([data[1000] ^ 1]) + data[1001:])
    row = _asked(auth, published)
    assert _run(client, workspace) == "data_corrupt"
    assert (row.failure["code"], _files(workspace, row)) == ("data_corrupt", {})
    manifest.unlink()
    row = _asked(auth, published)
    assert _run(client, workspace) == "not_found"
    assert (row.state, _files(workspace, row)) == ("failed", {})


def test_a_cancelled_one_leaves_nothing(
    client: JobsClient, auth: AuthServer, workspace: Workspace, published: JobRow
) -> None:
    row = _asked(auth, published)
    stop = StopFlag()
    stop.set(StopReason.CANCELLED)
    assert _run(client, workspace, stop=stop) == "cancelled"
    assert (row.state, _files(workspace, row)) == ("cancelled", {})
    assert _manifest(workspace, published).rows == ROWS


@pytest.mark.parametrize("file", ["index.order", "s0001.values"])
def test_a_full_disk_leaves_nothing_and_the_job_passes_later(
    client: JobsClient, auth: AuthServer, workspace: Workspace, published: JobRow, tmp_path: Path, file: str
) -> None:
    row = _asked(auth, published)
    with full_disk(tmp_path, file):
        assert _run(client, workspace) == "no_space"
    assert (row.failure["code"], _files(workspace, row)) == ("no_space", {})
    row = _asked(auth, published)
    assert _run(client, workspace) == "published"
    _check(workspace, row)


def test_what_a_killed_worker_has_brought_is_taken_over(
    client: JobsClient, auth: AuthServer, workspace: Workspace, published: JobRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = _asked(auth, published)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("halftone_compute.ingest.jobs.attempt.order_in_child", killed)
        with pytest.raises(KeyboardInterrupt):
            _run(client, workspace)
    assert set(_files(workspace, row)) > {"manifest.json", "c0000.values", "before.numbers"}
    row.lease_until = 0.0
    with monkeypatch.context() as patch:
        patch.setattr("halftone_compute.ingest.jobs.index.brought", killed)
        assert _run(client, workspace) == "published"
    _check(workspace, row)


PHASES = (
    *("starting", "fetching", "finding cells", "sorting rows", "moving rows", "making tiles", "noting leaves"),
    "drawing a sample",
    "publishing",
)


def _run(
    client: JobsClient, workspace: Workspace, attempt: type[JobAttempt] = IndexAttempt, stop: StopFlag | None = None
) -> str:
    job = client.claim(["index" if attempt is IndexAttempt else "ingest"]).job
    assert job is not None
    return attempt(client, job, workspace, stop or StopFlag()).run()


def _asked(auth: AuthServer, of: JobRow, pair: dict[str, Any] = PAIR) -> JobRow:
    row = auth.add_index(of.publications[0]["manifest"], of.dataset_id)
    row.options = {"pair": pair}
    return row


def _manifest(workspace: Workspace, row: JobRow) -> Manifest:
    return load((workspace.root / row.publications[0]["manifest"]).read_bytes())


def _files(workspace: Workspace, row: JobRow) -> dict[str, bytes]:
    folder = workspace.root / "datasets" / row.dataset_id / "versions" / row.version_id
    return {path.name: path.read_bytes() for path in folder.glob("*/*")}


def _check(workspace: Workspace, row: JobRow) -> None:
    """Every row of the file is there under its number; text has the order of the file."""
    manifest = _manifest(workspace, row)
    assert manifest.index is not None
    assert (manifest.index.x, manifest.index.y) == tuple(row.publications[0]["pair"].values())
    assert set(_files(workspace, row)) == {"manifest.json", *(file.file for file in manifest.files)}
    path = workspace.root / row.publications[0]["manifest"]
    numbers = np.fromfile(path.with_name(manifest.index.files["numbers"].file), "<u4")
    grant = Grant(
        "someone",
        row.dataset_id,
        row.version_id,
        str(path.relative_to(workspace.root)),
        frozenset("*"),
        "",
        "view",
        4e9,
    )
    version = LocalStore(workspace.root).open(grant)
    assert version.index is not None
    leaves = version.index.leaves()
    assert leaves.starts[-1] == ROWS
    blocks = list(version.blocks(["x", "y", "v", "kind"], None))
    for name in ("x", "y", "v"):
        np.testing.assert_array_equal(np.concatenate([block.values[name] for block in blocks]), COLUMNS[name][numbers])
    np.testing.assert_array_equal(np.concatenate([block.valid["v"] for block in blocks]), HAS_VALUE[numbers])
    labels = np.array([label for label, _ in manifest.columns[3].info.categories])
    kinds = labels[np.concatenate([block.values["kind"] for block in blocks])]
    np.testing.assert_array_equal(kinds, COLUMNS["kind"][numbers])
    text = path.with_name(manifest.columns[4].files["values"].file).read_bytes()
    assert text == "".join(COLUMNS["note"]).encode()
