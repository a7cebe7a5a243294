"""Sends Celery messages. A message only notifies a worker; the job's row is authoritative."""

from functools import cache

from celery import Celery
from django.conf import settings
from kombu import Queue

from halftone_auth.redis.options import TIMEOUT_S

INGEST_TASK = "halftone.ingest"
INGEST_QUEUE = "ingest"
# An unreachable broker must not delay a request: the row is committed, and workers also poll.
QUICK: dict[str, object] = {
    "socket_timeout": 1.0,
    "socket_connect_timeout": TIMEOUT_S,
    "max_retries": 0,
    "connect_retries_timeout": TIMEOUT_S,
}


@cache
def app() -> Celery:
    """The Celery app that sends messages."""
    celery = Celery("halftone_auth", broker=broker(), set_as_current=False)
    celery.conf.update(
        broker_transport_options=transport_options(settings.BROKER_URL),
        broker_connection_retry_on_startup=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_queues=[Queue(INGEST_QUEUE)],
        task_publish_retry=False,
    )
    return celery


def broker() -> str:
    """The broker's URL. kombu warns at every message about one without a host, so `filesystem://` gets one."""
    return "filesystem://localhost" if settings.BROKER_URL == "filesystem://" else str(settings.BROKER_URL)


def transport_options(url: str) -> dict[str, object]:
    """Options of the transport: short timeouts for Redis; one shared folder for the filesystem."""
    if url.startswith(("redis", "valkey")):
        return QUICK
    if not url.startswith("filesystem"):
        return {}
    folder = settings.BROKER_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "store_processed": False,
    }


def wake(task: str, queue: str) -> None:
    """Sends one message. Raises the errors of the broker."""
    app().send_task(task, queue=queue, ignore_result=True)
