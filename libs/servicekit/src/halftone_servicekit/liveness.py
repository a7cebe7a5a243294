"""Liveness of a Celery worker: its event loop touches the heartbeat file.

While the worker is connected, a timer of its loop does so. While the broker is unreachable nothing of that loop runs,
so the consumer does so between two attempts to connect. Needs the extra `celery`.
"""

from collections.abc import Callable
from typing import Any

from celery import Celery, bootsteps
from celery.worker.consumer import Consumer
from typing_extensions import override

from halftone_servicekit.heartbeat import Heartbeat


def add_liveness(app: Celery, heartbeat: Heartbeat, is_responsive: Callable[[], bool] = lambda: True) -> None:
    """Touches the file of `heartbeat` from the loop of every worker of `app`.

    A program whose work runs on another thread says by `is_responsive` whether that thread is; while it is not, the
    file grows old.
    """

    def beat() -> None:
        if is_responsive():
            heartbeat.beat()

    app.conf.worker_consumer = patient_consumer(beat)
    app.steps["worker"].add(beat_timer(beat, heartbeat.every_s))


def beat_timer(beat: Callable[[], None], every_s: float) -> type[bootsteps.StartStopStep]:
    """A step of a worker that calls `beat` from the timer of its loop."""

    class BeatTimer(bootsteps.StartStopStep):
        requires = ("celery.worker.components:Timer",)

        @override
        def start(self, parent: Any) -> None:
            beat()
            parent.timer.call_repeatedly(every_s, beat)

    return BeatTimer


def patient_consumer(beat: Callable[[], None]) -> type[Consumer]:
    """A consumer that calls `beat` before each attempt to reach the broker."""

    class PatientConsumer(Consumer):
        @override
        def ensure_connected(self, conn: Any) -> Any:
            ensure = conn.ensure_connection

            def beating(errback: Callable[..., None], max_retries: int | None, callback: Callable[[], None]) -> object:
                def beat_and_call() -> None:
                    beat()
                    callback()

                return ensure(errback, max_retries, callback=beat_and_call)

            conn.ensure_connection = beating
            return super().ensure_connected(conn)

    return PatientConsumer
