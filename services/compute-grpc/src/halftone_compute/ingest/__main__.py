"""Starts the ingest worker: `python -m halftone_compute.ingest`."""

from __future__ import annotations

from halftone_servicekit.logging import configure_logging
from halftone_servicekit.telemetry import configure_telemetry

from halftone_compute.ingest.app import QUEUE, make_app
from halftone_compute.ingest.settings import IngestSettings


def main() -> None:
    settings = IngestSettings()
    configure_logging("ingest", settings.log_level, settings.log_format)
    configure_telemetry("ingest", settings.otlp_endpoint)
    make_app(settings).worker_main(
        ["--quiet", "worker", f"--queues={QUEUE}", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    )


if __name__ == "__main__":
    main()
