"""Celery as a sender: a message only wakes a worker, the truth is the job's row."""

from functools import cache

from celery import Celery
from django.conf import settings
from kombu import Queue

INGEST_TASK = "halftone.ingest"
INGEST_QUEUE = "ingest"


@cache
def app() -> Celery:
    """The sending end of the broker."""
    # kombu warns at every message about an address without a host.
    broker = "filesystem://localhost" if settings.BROKER_URL == "filesystem://" else settings.BROKER_URL
    celery = Celery("halftone_auth", broker=broker, set_as_current=False)
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


def transport_options(url: str) -> dict[str, object]:
    """Options of the filesystem transport: both ends share one folder; other transports need none."""
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
    """Sends one message. Raises what the broker raises."""
    app().send_task(task, queue=queue, ignore_result=True)
