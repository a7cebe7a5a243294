"""Periodic work in the cluster profile: `beat` sends a sweep task each minute, `worker` runs it.

Both touch the heartbeat file from their loop. Both keep retrying an unreachable broker; ingest workers start sweeps
too.
"""

import os
import time
from functools import cache
from typing import Any, cast

# SIGTERM gives the worker `SOFT_SHUTDOWN_S` to finish its tasks. Celery reads this variable at import.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

import structlog
from celery import Celery, beat
from celery.apps.worker import Worker
from celery.worker import state
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from halftone_auth.celery.sender import broker, transport_options
from halftone_auth.settings import ENV
from halftone_servicekit.heartbeat import EVERY_S, Heartbeat
from halftone_servicekit.liveness import add_liveness
from halftone_servicekit.messages import wake_options
from typing_extensions import override

from analytics.upkeep.exclusive import try_sweep

log = structlog.get_logger(__name__)

QUEUE = "default"
SWEEP_TASK = "halftone.sweep"
SWEEP_EVERY_S = 60.0
# Below the 330 s of Kubernetes' termination grace period.
SOFT_SHUTDOWN_S = 300.0
_LOOK_EVERY_S = 0.1
ARGUMENTS = ["--quiet", "worker", f"--queues={QUEUE}", "--without-gossip", "--without-mingle", "--without-heartbeat"]
ARGUMENTS += [f"--loglevel={ENV.log_level}"]


@cache
def heartbeat() -> Heartbeat:
    """The heartbeat of this process."""
    return Heartbeat(settings.HEARTBEAT_FILE)


def make_app() -> Celery:
    """The Celery app of both programs."""
    app = UpkeepApp("halftone_auth_worker", broker=broker(), set_as_current=False, fixups=[])
    app.conf.update(wake_options(QUEUE, threads=2))
    app.conf.update(
        broker_transport_options=transport_options(settings.BROKER_URL),
        broker_connection_max_retries=None,
        task_publish_retry=False,
        worker_soft_shutdown_timeout=SOFT_SHUTDOWN_S,
        beat_scheduler="analytics.upkeep.worker:Scheduler",
        beat_max_loop_interval=EVERY_S,
        beat_schedule={
            # A message older than the next one is obsolete.
            "sweep": {"task": SWEEP_TASK, "schedule": SWEEP_EVERY_S, "options": {"expires": SWEEP_EVERY_S}},
        },
    )
    add_liveness(app, heartbeat())
    app.task(name=SWEEP_TASK, shared=False)(sweep)
    return app


def sweep() -> None:
    """Runs one sweep. An unreachable database ends this run, not the worker."""
    try:
        done = try_sweep(timezone.now())
        log.info("swept", **(done or {"already_running": True}))
    except DatabaseError as error:
        log.warning("sweep_failed", error=repr(error))
    finally:
        connection.close()


class UpkeepWorker(Worker):
    """On SIGTERM waits for the tasks that run, at most `SOFT_SHUTDOWN_S`. Celery's own waits all of that time for the
    shortest task.
    """

    @override
    def wait_for_soft_shutdown(self) -> bool:
        until = time.monotonic() + self.app.conf.worker_soft_shutdown_timeout
        while state.active_requests and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_S)
        return not state.active_requests


class UpkeepApp(Celery):
    """An app whose worker is an `UpkeepWorker`."""

    @property
    @override
    def Worker(self) -> type[Worker]:
        return cast("type[Worker]", self.subclass_with_self(UpkeepWorker))


class Scheduler(beat.Scheduler):
    """An in-memory scheduler: a schedule of a minute needs no file. Touches the heartbeat file at every tick."""

    # Celery's own producer blocks while the broker is unreachable; without one each message connects by itself.
    producer = None  # type: ignore[assignment]  # typed as never absent

    @override
    def tick(self, *arguments: Any, **named: Any) -> float:
        heartbeat().beat()
        return float(super().tick(*arguments, **named))
