"""The worker process: woken by real messages, killed and replaced, stopped by signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from celery import Celery
from halftone_compute.ingest.jobs.app import QUEUE, TASK
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.testing_servers import held_port
from halftone_servicekit.tokens import Grant
from ingest_rig.auth_server import SERVICE_TOKEN, AuthServer
from ingest_rig.processes import is_alive, reading_child
from ingest_rig.samples import TWO_COLUMNS
from ingest_rig.waiting import until
from kombu import Queue

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from ingest_rig.auth_server import JobRow

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(auth: AuthServer, tmp_path: Path) -> Iterator[Start]:
    """Starts `python -m halftone_compute.ingest` with everything below `tmp_path`."""
    running: list[subprocess.Popen[bytes]] = []
    places: list[socket.socket] = []
    log = (tmp_path / "log").open("ab")

    def start() -> subprocess.Popen[bytes]:
        places.append(held_port())
        environment = {
            **os.environ,
            # Whatever else is set around it, the worker is not a Django process.
            "DJANGO_SETTINGS_MODULE": "halftone_auth.settings",
            "HALFTONE_HOME": str(tmp_path),
            "HALFTONE_AUTH_URL": auth.url,
            "HALFTONE_SERVICE_TOKEN": SERVICE_TOKEN,
            "HALFTONE_WORKER_METRICS_PORT": str(places[-1].getsockname()[1]),
            "HALFTONE_INGEST_GRACE": "0",
        }
        command = [sys.executable, "-m", "halftone_compute.ingest"]
        running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
    for place in places:
        place.close()
    log.close()


def _open(root: Path, row: JobRow) -> int:
    """Rows of the one published version."""
    [body] = row.publications
    grant = Grant("someone", row.dataset_id, row.version_id, body["manifest"], frozenset("*"), "", "view", 4e9)
    version = LocalStore(root / "storage").open(grant)
    return sum(len(block.values["a"]) for block in version.blocks(["a"], None))


def test_a_message_wakes_the_worker(start: Start, auth: AuthServer, tmp_path: Path) -> None:
    worker = start()
    until(lambda: auth.claims)
    row = auth.add(tmp_path / "storage", "a.csv", b"a\n1\n2\n")
    # Made after the first claim.
    until((tmp_path / "broker").is_dir)
    broker = str(tmp_path / "broker")
    sender = Celery("sender", broker="filesystem://", set_as_current=False, fixups=[])
    sender.conf.update(
        broker_transport_options={
            "data_folder_in": broker,
            "data_folder_out": broker,
            "control_folder": f"{broker}/control",
        },
        task_queues=[Queue(QUEUE)],
    )
    sender.send_task(TASK, queue=QUEUE, ignore_result=True)
    until(lambda: b"halftone_ingest_wakes_total 1.0" in _metrics(worker))
    until(lambda: row.state == "published")
    assert list((tmp_path / "broker").glob("*.msg")) == []
    assert _open(tmp_path, row) == 2
    sender.close()


@pytest.mark.parametrize("moment", ["reading", "before publish", "after publish"])
def test_a_killed_worker_is_replaced_and_one_version_appears(
    held: None, start: Start, auth: AuthServer, tmp_path: Path, moment: str
) -> None:
    auth.lease_seconds = 2.0
    row = auth.add(tmp_path / "storage", "a.csv", b"a\n1\n2\n" if "publish" in moment else TWO_COLUMNS)
    started: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        until(lambda: started)
        started[0].kill()

    # Before the start: a worker may be quick.
    if moment != "reading":
        (auth.before if moment == "before publish" else auth.after)["publish"] = kill
    started.append(start())
    if moment == "reading":
        until(lambda: list(tmp_path.glob("storage/datasets/*/versions/*/*/c0000.values")))
        child = reading_child(started[0].pid)
        kill()
        until(lambda: not is_alive(child))
    started[0].wait(120)
    if moment == "reading":
        (tmp_path / "storage" / row.uri).write_bytes(b"a\n1\n2\n")
    start()
    until(lambda: row.state == "published", 120.0)
    assert row.token == (1 if moment == "after publish" else 2)
    assert _open(tmp_path, row) == 2
    folders = [path.name for path in (tmp_path / "storage").glob("datasets/*/versions/*/*")]
    assert folders == [str(row.token)]


# No server listens on the first port.
@pytest.mark.parametrize("broker", ["filesystem://", "redis://127.0.0.1:1/0"])
def test_the_loop_touches_its_file_again_and_again(auth: AuthServer, tmp_path: Path, broker: str) -> None:
    file = tmp_path / "heartbeat"
    environment = {
        **os.environ,
        "HALFTONE_HOME": str(tmp_path),
        "HALFTONE_AUTH_URL": auth.url,
        "HALFTONE_SERVICE_TOKEN": SERVICE_TOKEN,
        "HALFTONE_WORKER_METRICS_PORT": "0",
        "HALFTONE_BROKER_URL": broker,
        "HALFTONE_HEARTBEAT_FILE": str(file),
    }
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "halftone_compute.ingest"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until(file.exists)
            first = file.stat().st_mtime_ns
            until(lambda: file.stat().st_mtime_ns > first)
            assert process.poll() is None
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(start: Start, auth: AuthServer, number: signal.Signals) -> None:
    worker = start()
    until(lambda: auth.claims)
    worker.send_signal(number)
    assert worker.wait(120) == 0


def test_a_signal_while_it_works_leaves_no_files(held: None, start: Start, auth: AuthServer, tmp_path: Path) -> None:
    row = auth.add(tmp_path / "storage", "a.csv", TWO_COLUMNS)
    worker = start()
    child = reading_child(worker.pid)
    worker.terminate()
    worker.wait(120)
    assert not is_alive(child)
    assert (row.state, row.failure) == ("running", {})
    assert not list((tmp_path / "storage").glob("datasets/*/versions/*/*"))


def test_metrics_are_served(auth: AuthServer, start: Start) -> None:
    worker = start()
    until(lambda: auth.claims)
    assert b"halftone_ingest_jobs" in _metrics(worker)


def _metrics(worker: subprocess.Popen[bytes]) -> bytes:
    port = _environment(worker.pid)["HALFTONE_WORKER_METRICS_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return bytes(answer.read())


def _environment(pid: int) -> dict[str, str]:
    with open(f"/proc/{pid}/environ", "rb") as file:
        pairs = (item.decode().partition("=") for item in file.read().split(b"\0"))
        return {name: value for name, _, value in pairs}
