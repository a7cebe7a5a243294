"""What the Celery end accepts, and what it wakes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from halftone_compute.ingest.jobs import app as ingest_app
from halftone_compute.ingest.jobs.app import QUEUE, TASK, make_app, make_client, make_worker
from halftone_compute.ingest.settings import IngestSettings
from ingest_rig.auth_server import SERVICE_TOKEN, AuthServer
from ingest_rig.waiting import until
from kombu.exceptions import OperationalError
from pydantic import SecretStr

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import JobsClient


def _settings(auth: AuthServer, home: Path) -> IngestSettings:
    return IngestSettings(home=home, auth_url=auth.url, service_token=SecretStr(SERVICE_TOKEN))


def test_json_only_late_acknowledged_one_at_a_time(auth: AuthServer, client: JobsClient, tmp_path: Path) -> None:
    settings = _settings(auth, tmp_path)
    conf = make_app(settings, make_worker(settings, client)).conf
    assert (conf.accept_content, conf.task_serializer) == (["json"], "json")
    assert (conf.task_acks_late, conf.worker_prefetch_multiplier, conf.worker_pool) == (True, 1, "threads")
    assert [queue.name for queue in conf.task_queues] == [QUEUE]
    assert conf.broker_transport_options["data_folder_in"] == str(tmp_path / "broker")
    assert conf.broker_transport_options["data_folder_out"] == str(tmp_path / "broker")


def test_another_broker_gets_no_folders(auth: AuthServer, client: JobsClient, tmp_path: Path) -> None:
    settings = _settings(auth, tmp_path).model_copy(update={"broker_url": "memory://"})
    assert make_app(settings, make_worker(settings, client)).conf.broker_transport_options == {}


def test_a_redis_that_says_nothing_does_not_hold_the_loop(
    auth: AuthServer, client: JobsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_app, "_REDIS_SECONDS", 0.1)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        broker = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        settings = _settings(auth, tmp_path).model_copy(update={"broker_url": broker})
        celery = make_app(settings, make_worker(settings, client))

        def connect() -> None:
            with celery.connection_for_read() as connection, suppress(OperationalError):
                connection.ensure_connection(max_retries=1, interval_start=0)

        thread = threading.Thread(target=connect, daemon=True)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.parametrize("arguments", [(), ("anything", 1)])
def test_the_task_only_wakes(
    auth: AuthServer, client: JobsClient, tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    settings = _settings(auth, tmp_path)
    worker = make_worker(settings, client)
    # Only a wake can be the cause of the second claim.
    worker._claim_seconds = 3_600.0
    task = make_app(settings, worker).tasks[TASK]
    worker.start()
    until(lambda: auth.claims == 1)
    task(*arguments)
    until(lambda: auth.claims == 2)
    worker.stop(0.0)


def test_the_client_speaks_with_the_service_token(auth: AuthServer, tmp_path: Path) -> None:
    with make_client(_settings(auth, tmp_path)) as client:
        assert client.claim(["ingest"]).job is None
