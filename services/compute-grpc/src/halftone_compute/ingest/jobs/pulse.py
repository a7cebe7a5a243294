"""The worker's sign of life: Celery's loop touches a file, also while it waits for a broker that is away.

Jobs are claimed and run on another thread. Once that one no longer turns, the file is left to grow old too; a job that
runs long says by REST how it goes, and counts as turning.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar

from celery import bootsteps
from celery.worker.consumer import Consumer
from halftone_servicekit.heartbeat import EVERY_S, Heartbeat
from typing_extensions import override

from halftone_compute.ingest.settings import IngestSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery


class _Life:
    """What Celery's classes, which it makes by itself, ask."""

    is_turning: ClassVar[Callable[[], bool]] = staticmethod(lambda: True)


@cache
def heartbeat() -> Heartbeat:
    """This process's sign of life."""
    return Heartbeat(IngestSettings().heartbeat_file)


def beat() -> None:
    """Celery's loop has turned."""
    if _Life.is_turning():
        heartbeat().beat()


def add_pulse(app: Celery, is_turning: Callable[[], bool]) -> None:
    """Lets the loop of `app` beat for as long as `is_turning` says so of the thread that runs the jobs."""
    _Life.is_turning = staticmethod(is_turning)
    app.conf.worker_consumer = f"{__name__}:PatientConsumer"
    app.steps["worker"].add(Pulse)


class Pulse(bootsteps.StartStopStep):
    """Beats from the timer of the worker's own loop."""

    requires = ("celery.worker.components:Timer",)

    @override
    def start(self, parent: Any) -> None:
        beat()
        parent.timer.call_repeatedly(EVERY_S, beat)


class PatientConsumer(Consumer):
    """Beats between two attempts to reach the broker: nothing else of the loop turns then."""

    @override
    def ensure_connected(self, conn: Any) -> Any:
        ensure = conn.ensure_connection

        def beating(errback: Callable[..., None], max_retries: int | None, callback: Callable[[], None]) -> object:
            return ensure(errback, max_retries, callback=partial(_both, beat, callback))

        conn.ensure_connection = beating
        return super().ensure_connected(conn)


def _both(first: Callable[[], None], second: Callable[[], None]) -> None:
    first()
    second()
