"""The loop: claims at its start, when woken and periodically; survives every job; stops on request."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.client import Claim, JobsClient
from halftone_compute.ingest.jobs.worker import Worker
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.processes import reading_child, reading_children
from ingest_rig.samples import TWO_COLUMNS, parquet, slow_csv
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest
    from halftone_compute.ingest.format import Format
    from halftone_compute.ingest.jobs.workspace import Workspace
    from ingest_rig.auth_server import AuthServer


def test_jobs_that_wait_are_done_one_after_another(
    start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    rows = [auth.add(workspace.root, "a.parquet", parquet({"a": [n]})) for n in range(2)]
    bad = auth.add(workspace.root, "a.csv", b"")
    rows.append(auth.add(workspace.root, "a.csv", b"a\n1\n"))
    start_worker()
    until(lambda: all(row.state == "published" for row in rows))
    assert bad.state == "failed"


def test_a_job_that_comes_later_is_found_by_the_clock(
    start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    start_worker()
    until(lambda: auth.claims > 1)
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    until(lambda: row.state == "published")


def test_a_wake_claims_at_once(client: JobsClient, auth: AuthServer, workspace: Workspace) -> None:
    worker = Worker(client, workspace, claim_seconds=3_600.0)
    worker.start()
    until(lambda: auth.claims == 1)
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    worker.wake()
    until(lambda: row.state == "published")
    worker.stop(0.0)


def test_it_is_responsive_between_start_and_stop_and_while_it_works(
    held: None,
    start_worker: Callable[[], Worker],
    auth: AuthServer,
    workspace: Workspace,
) -> None:
    auth.add(workspace.root, "a.csv", TWO_COLUMNS)
    worker = start_worker()
    reading_child()
    claims = auth.claims
    until(lambda: auth.claims > claims + 1)
    assert worker.is_responsive()
    worker.stop(0.0)
    assert not worker.is_responsive()


def test_a_call_that_never_ends_is_not_responsive(
    client: JobsClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_compute.ingest.jobs.worker._HANG_SECONDS", 0.0)
    answer = threading.Event()

    def never(_: object) -> Claim:
        answer.wait()
        return Claim(None, knows_formats=True)

    monkeypatch.setattr(client, "claim", never)
    worker = Worker(client, workspace, claim_seconds=0.01)
    worker.start()
    until(lambda: not worker.is_responsive())
    answer.set()
    worker.stop(0.0)


def test_a_preview_does_not_wait_for_an_import(
    held: None, start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, "a.csv", TWO_COLUMNS)
    worker = start_worker()
    child = reading_child()
    asked = auth.add(workspace.root, "b.csv", b"v\n1.5\n2.5\n", kind="preview")
    worker.wake()
    until(lambda: asked.state == "ready")
    assert (row.state, reading_children(), asked.results[0]["rows"]) == ("running", [child], [["1.5"], ["2.5"]])


def test_an_index_waits_for_an_import(
    start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    columns = {name: np.random.default_rng(1).normal(size=70_000) for name in ("x", "y")}
    first = auth.add(workspace.root, "a.parquet", parquet(columns), pair=None)
    start_worker()
    until(lambda: first.state == "published")
    second = auth.add(workspace.root, "a.csv", slow_csv())
    until(lambda: second.state == "running")
    row = auth.add_index(first.publications[0]["manifest"], first.dataset_id)
    row.options = {"pair": {"x": "y", "y": "x", "firm": True}}
    claims = auth.claims
    until(lambda: auth.claims > claims + 1)
    assert row.state == "queued"
    second.cancel = True
    until(lambda: row.state == "published")
    assert row.publications[0]["pair"] == {"x": "y", "y": "x"}


def test_formats_are_announced_until_auth_knows_them(
    start_worker: Callable[[], Worker], auth: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([HalftoneError(ErrorCode.AUTH_UNAVAILABLE), HalftoneError(ErrorCode.PARAM_INVALID)])
    announce = JobsClient.announce

    def refused(self: JobsClient, formats: Iterable[Format]) -> None:
        if (error := next(refusals, None)) is not None:
            raise error
        announce(self, formats)

    monkeypatch.setattr(JobsClient, "announce", refused)
    start_worker()
    until(lambda: auth.formats)
    parquet = next(each for each in auth.formats if "parquet" in each["endings"])
    assert parquet["title"] == "Parquet"
    assert b"PAR1".hex() in parquet["magics"]
    auth.formats = []
    until(lambda: auth.formats)


def test_auth_comes_later_than_the_worker(
    start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    auth.faults = [0, 503, 401]
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    start_worker()
    until(lambda: row.state == "published")


def test_a_bug_in_one_job_does_not_end_the_worker(
    start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = auth.add(workspace.root, "a.csv", b"a\n1\n")
    broken.dataset_id = "no uuid"
    row = auth.add(workspace.root, "a.csv", b"a\n1\n")
    start_worker()
    until(lambda: row.state == "published")


def test_stopping_while_idle_is_quick(start_worker: Callable[[], Worker], auth: AuthServer) -> None:
    worker = start_worker()
    until(lambda: auth.claims)
    started = time.monotonic()
    worker.stop(600.0)
    assert time.monotonic() - started < 60.0


def test_a_running_job_may_end_within_the_grace(
    start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, "a.csv", slow_csv(5_000))
    worker = start_worker()
    until(lambda: row.state == "running")
    worker.stop(600.0)
    assert row.state == "published"


def test_after_the_grace_the_job_is_left_to_others(
    held: None, start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace
) -> None:
    row = auth.add(workspace.root, "a.csv", TWO_COLUMNS)
    worker = start_worker()
    reading_child()
    worker.stop(0.0)
    assert (row.state, row.failure, reading_children()) == ("running", {}, [])
    assert not list((workspace.root / "datasets").glob("*/versions/*/*"))


def test_outcomes_are_counted(start_worker: Callable[[], Worker], auth: AuthServer, workspace: Workspace) -> None:
    published, failed = metrics.JOBS.labels("published"), metrics.JOBS.labels("empty_file")
    before = published._value.get(), failed._value.get(), metrics.ROWS._value.get()
    auth.add(workspace.root, "a.csv", b"a\n1\n2\n")
    auth.add(workspace.root, "a.csv", b"")
    start_worker()
    until(lambda: (published._value.get(), failed._value.get()) == (before[0] + 1, before[1] + 1))
    assert metrics.ROWS._value.get() == before[2] + 2
    assert metrics.RUNNING._value.get() == 0
