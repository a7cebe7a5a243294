from pathlib import Path

import pytest
from halftone_auth import celery
from kombu import Connection
from pytest_django.fixtures import Settings


def test_a_worker_on_the_same_folder_hears_the_message(home: Path) -> None:
    celery.wake(celery.INGEST_TASK, celery.INGEST_QUEUE)
    options = celery.transport_options("filesystem://")
    with Connection("filesystem://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue("ingest")
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.headers["task"] == "halftone.ingest"
    assert message.content_type == "application/json"


def test_other_brokers_need_no_folders(settings: Settings) -> None:
    assert celery.transport_options("redis://localhost/0") == {}


def test_a_folder_that_cannot_be_made_is_told(home: Path, settings: Settings) -> None:
    (home / "file").touch()
    settings.BROKER_FOLDER = home / "file" / "broker"
    with pytest.raises(OSError, match="file"):
        celery.wake(celery.INGEST_TASK, celery.INGEST_QUEUE)
