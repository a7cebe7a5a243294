"""The cluster profile's clock and hands: `beat` asks for a sweep each minute, `worker` sweeps.

Both say by a touched file that their loop turns. A broker that is away is no reason to end either: they go on trying,
and ingest workers cause sweeps too.
"""

import os
from functools import cache
from typing import Any

# A worker that is told to go gets `SOFT_SHUTDOWN_S` to finish, and no more. Celery reads this when it is imported.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

import structlog
from celery import Celery, beat
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from halftone_auth.celery.sender import broker, transport_options
from halftone_auth.settings import ENV
from halftone_servicekit.heartbeat import EVERY_S, Heartbeat
from halftone_servicekit.liveness import add_liveness
from kombu import Queue
from typing_extensions import override

from analytics.upkeep.exclusive import upkeep

log = structlog.get_logger(__name__)

QUEUE = "default"
SWEEP_TASK = "halftone.sweep"
SWEEP_EVERY_S = 60.0
# Below the 330 s after which Kubernetes kills.
SOFT_SHUTDOWN_S = 300.0
ARGUMENTS = ["--quiet", "worker", f"--queues={QUEUE}", "--without-gossip", "--without-mingle", "--without-heartbeat"]
ARGUMENTS += [f"--loglevel={ENV.log_level}"]


@cache
def heartbeat() -> Heartbeat:
    """This process's sign of life."""
    return Heartbeat(settings.HEARTBEAT_FILE)


def make_app() -> Celery:
    """The app of both programs."""
    app = Celery("halftone_auth_worker", broker=broker(), set_as_current=False, fixups=[])
    app.conf.update(
        broker_transport_options=transport_options(settings.BROKER_URL),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_publish_retry=False,
        task_queues=[Queue(QUEUE)],
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        # Threads: the work waits for the database and the storage, and the loop turns meanwhile.
        worker_pool="threads",
        worker_concurrency=2,
        worker_soft_shutdown_timeout=SOFT_SHUTDOWN_S,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        beat_scheduler="analytics.upkeep.worker:Scheduler",
        beat_max_loop_interval=EVERY_S,
        beat_schedule={
            # A message that nobody took before the next one comes is worth nothing.
            "sweep": {"task": SWEEP_TASK, "schedule": SWEEP_EVERY_S, "options": {"expires": SWEEP_EVERY_S}},
        },
    )
    add_liveness(app, heartbeat())
    app.task(name=SWEEP_TASK, shared=False)(sweep)
    return app


def sweep() -> None:
    """Does what is due. A database that is away ends this run, not the worker."""
    try:
        done = upkeep(timezone.now())
        log.info("swept", **(done or {"left_to_another": True}))
    except DatabaseError as error:
        log.warning("sweep_failed", error=repr(error))
    finally:
        connection.close()


class Scheduler(beat.Scheduler):
    """In memory: a minute's schedule needs no file. Beats with every tick."""

    # Celery's own would wait here for as long as the broker is away; without one each message finds its own way.
    producer = None  # type: ignore[assignment]  # its makers know it as never absent

    @override
    def tick(self, *arguments: Any, **named: Any) -> float:
        heartbeat().beat()
        return float(super().tick(*arguments, **named))
