"""Starts the ingest worker: `python -m halftone_compute.ingest`."""

from __future__ import annotations

import signal
import threading
import warnings
from typing import TYPE_CHECKING, ClassVar

import structlog
from celery import bootsteps, signals
from celery.exceptions import SecurityWarning
from halftone_servicekit.heartbeat import Heartbeat
from halftone_servicekit.liveness import add_liveness
from halftone_servicekit.logging import configure_logging
from halftone_servicekit.metrics import start_metrics_server
from halftone_servicekit.telemetry import configure_telemetry
from typing_extensions import override

from halftone_compute.ingest.jobs.app import QUEUE, make_app, make_client, make_worker
from halftone_compute.ingest.registry import known_formats
from halftone_compute.ingest.settings import IngestSettings

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.worker import Worker

_log = structlog.get_logger(__name__)
_ARGUMENTS = ["--quiet", "worker", f"--queues={QUEUE}", "--without-gossip", "--without-mingle", "--without-heartbeat"]


class _EarlySignals:
    """Keeps signals that arrive before Celery's handlers: their default would leave the worker's thread running."""

    seen: ClassVar[list[int]] = []

    @classmethod
    def catch(cls) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: cls.seen.append(number))


class _ReplaySignals(bootsteps.StartStopStep):
    """Runs when Celery's handlers are in place, before it connects to the broker."""

    @override
    def start(self, parent: object) -> None:
        for number in _EarlySignals.seen:
            signal.raise_signal(number)


def main() -> None:
    _EarlySignals.catch()
    # Celery warns when root accepts messages that can run code; this app accepts JSON alone.
    warnings.simplefilter("ignore", SecurityWarning)
    settings = IngestSettings()
    configure_logging("ingest", settings.log_level, settings.log_format)
    configure_telemetry("ingest", settings.otlp_endpoint)
    known_formats()  # Here, so that a broken format fails the start and not the first job.
    start_metrics_server(settings.worker_metrics_port)
    with make_client(settings) as client:
        _serve(settings, make_worker(settings, client))


def _serve(settings: IngestSettings, worker: Worker) -> None:
    """Runs until a signal ends Celery; then a running job has its grace."""

    @signals.worker_shutting_down.connect(weak=False)
    def stop(**_: object) -> None:
        # In a thread: the grace period starts now, while Celery takes seconds to stop.
        threading.Thread(target=worker.stop, args=[settings.ingest_grace], name="stop").start()

    worker.start()
    _log.info("ingest_started", metrics_port=settings.worker_metrics_port)
    try:
        app = make_app(settings, worker)
        app.steps["worker"].add(_ReplaySignals)
        add_liveness(app, Heartbeat(settings.heartbeat_file), worker.is_responsive)
        app.worker_main(_ARGUMENTS)
    finally:
        worker.stop(settings.ingest_grace)


if __name__ == "__main__":
    main()
