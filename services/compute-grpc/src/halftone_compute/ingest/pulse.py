"""The worker's sign of life: Celery's loop touches a file, also while it waits for a broker that is away.

A job runs on another thread and says by REST how it goes; what this tells is that the process can still be woken and
stopped.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from celery import bootsteps
from celery.worker.consumer import Consumer
from halftone_servicekit.heartbeat import EVERY_S, Heartbeat
from typing_extensions import override

from halftone_compute.ingest.settings import IngestSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery


@cache
def heartbeat() -> Heartbeat:
    """This process's sign of life."""
    return Heartbeat(IngestSettings().heartbeat_file)


def add_pulse(app: Celery) -> None:
    """Lets the loop of `app` beat."""
    app.conf.worker_consumer = f"{__name__}:PatientConsumer"
    app.steps["worker"].add(Pulse)


class Pulse(bootsteps.StartStopStep):
    """Beats from the timer of the worker's own loop."""

    requires = ("celery.worker.components:Timer",)

    @override
    def start(self, parent: Any) -> None:
        heartbeat().beat()
        parent.timer.call_repeatedly(EVERY_S, heartbeat().beat)


class PatientConsumer(Consumer):
    """Beats between two attempts to reach the broker: nothing else of the loop turns then."""

    @override
    def ensure_connected(self, conn: Any) -> Any:
        ensure = conn.ensure_connection

        def beating(errback: Callable[..., None], max_retries: int | None, callback: Callable[[], None]) -> object:
            return ensure(errback, max_retries, callback=partial(_both, heartbeat().beat, callback))

        conn.ensure_connection = beating
        return super().ensure_connected(conn)


def _both(first: Callable[[], None], second: Callable[[], None]) -> None:
    first()
    second()
