import socket
from pathlib import Path

import pytest
from auth_rig.clock import usual_seconds
from halftone_auth.celery import sender
from halftone_servicekit.testing_servers import Redis
from kombu import Connection
from kombu.exceptions import OperationalError
from pytest_django.fixtures import Settings


def test_a_worker_on_the_same_folder_hears_the_message(home: Path) -> None:
    sender.wake(sender.INGEST_TASK, sender.INGEST_QUEUE)
    options = sender.transport_options("filesystem://")
    with Connection("filesystem://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue("ingest")
        message = queue.get(timeout=60)
        message.ack()
        queue.close()
    assert message.headers["task"] == "halftone.ingest"
    assert message.content_type == "application/json"


def test_other_brokers_need_no_folders(settings: Settings) -> None:
    assert sender.transport_options("amqp://localhost") == {}


def test_a_message_goes_through_redis(settings: Settings, redis: Redis) -> None:
    settings.BROKER_URL = redis.url
    sender.wake(sender.INGEST_TASK, sender.INGEST_QUEUE)
    with Connection(redis.url) as connection:
        queue = connection.SimpleQueue("ingest")
        message = queue.get(timeout=60)
        message.ack()
        queue.close()
    assert message.headers["task"] == "halftone.ingest"


def test_a_redis_that_is_away_is_found_out_at_once(settings: Settings, redis: Redis) -> None:
    settings.BROKER_URL = redis.url
    sender.wake(sender.INGEST_TASK, sender.INGEST_QUEUE)
    redis.stop()
    assert usual_seconds(refused) < 1.5
    redis.start()
    sender.wake(sender.INGEST_TASK, sender.INGEST_QUEUE)


def test_one_that_says_nothing_is_found_out_too(settings: Settings) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        settings.BROKER_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        assert usual_seconds(refused) < 5


def refused() -> None:
    with pytest.raises(OperationalError):
        sender.wake(sender.INGEST_TASK, sender.INGEST_QUEUE)


def test_a_folder_that_cannot_be_made_is_told(home: Path, settings: Settings) -> None:
    (home / "file").touch()
    settings.BROKER_FOLDER = home / "file" / "broker"
    with pytest.raises(OSError, match="file"):
        sender.wake(sender.INGEST_TASK, sender.INGEST_QUEUE)
