"""The Celery app: a message to the queue `ingest` wakes the worker, and carries no data.

Jobs are rows in auth's database, so a lost or repeated message changes nothing.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from celery import Celery
from halftone_servicekit.messages import wake_options
from halftone_servicekit.sources import Source, parsed_roots
from halftone_servicekit.storage import open_storage

from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.client import JobsClient
from halftone_compute.ingest.jobs.worker import Worker
from halftone_compute.ingest.jobs.workspace import Workspace
from halftone_compute.ingest.sandbox.confine import ChildLimits
from halftone_compute.ingest.write.delivery import scratch_folder

if TYPE_CHECKING:
    from halftone_compute.ingest.settings import IngestSettings

QUEUE = "ingest"
TASK = "halftone.ingest"
# A restart of the storage must not lose the work of an hour.
_STORAGE_RETRY_SECONDS = 60.0
# Short, so that a broker that does not answer cannot hold Celery's loop: that loop touches the heartbeat file.
_REDIS_SECONDS = 5.0
# List the folder of messages this often: an import waits half of it on average, and an idle worker pays for each look.
_POLL_SECONDS = 0.5


def make_app(settings: IngestSettings, worker: Worker) -> Celery:
    """A Celery app whose one task wakes `worker`, in the same process."""
    # No fixups: with DJANGO_SETTINGS_MODULE in the environment, Celery would load Django into this process.
    app = Celery("halftone_compute", broker=settings.broker_url, set_as_current=False, fixups=[])
    app.conf.update(wake_options(QUEUE, threads=1), broker_transport_options=_transport_options(settings))

    @app.task(name=TASK, shared=False)
    def ingest(*_: object, **__: object) -> None:
        metrics.WAKES.inc()
        worker.wake()

    return app


def make_client(settings: IngestSettings) -> JobsClient:
    token = settings.service_token
    return JobsClient(
        settings.auth_url,
        token.get_secret_value() if token else "",
        worker=f"{socket.gethostname()[:100]}-{os.getpid()}",
    )


def make_worker(settings: IngestSettings, client: JobsClient) -> Worker:
    limits = ChildLimits(settings.ingest_memory, settings.ingest_cpu_seconds, settings.ingest_max_bytes)
    address = settings.storage_address()
    scratch = scratch_folder(settings.home)
    sources = {name: Source(name, place) for name, place in parsed_roots(settings.import_roots, address).items()}
    if address.is_local:
        root, remote = address.folder(), None
    else:
        root, remote = scratch, open_storage(address, _STORAGE_RETRY_SECONDS)
    return Worker(client, Workspace(root, limits, settings.ingest_max_bytes, remote, scratch, sources))


def _transport_options(settings: IngestSettings) -> dict[str, object]:
    if settings.broker_url.startswith(("redis", "valkey")):
        return {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
    if not settings.broker_url.startswith("filesystem"):
        return {}
    folder = settings.broker_path()
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "store_processed": False,
        "polling_interval": _POLL_SECONDS,
    }
