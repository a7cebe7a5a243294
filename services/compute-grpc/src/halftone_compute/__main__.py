"""`python -m halftone_compute`: the compute server, until SIGTERM or SIGINT."""

import asyncio
import signal
import sys

import structlog
from halftone_servicekit.allocator import keep_freed_memory
from halftone_servicekit.logging import configure_logging
from halftone_servicekit.metrics import start_metrics_server
from halftone_servicekit.telemetry import configure_telemetry

from halftone_compute.backends.base import EngineError
from halftone_compute.backends.choose import choose
from halftone_compute.backends.engines import Engines
from halftone_compute.serve.server import ComputeServer
from halftone_compute.settings import ComputeSettings

log = structlog.get_logger(__name__)


async def serve(settings: ComputeSettings, engines: Engines) -> None:
    """Runs until a signal, then drains."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = ComputeServer(settings, engines=engines)
    await server.start()
    await stopping.wait()
    log.info("stopping")
    await server.stop()


def main() -> None:
    keep_freed_memory()
    settings = ComputeSettings()
    configure_logging("compute", settings.log_level, settings.log_format)
    provider = configure_telemetry("compute", settings.otlp_endpoint)
    metrics_server, _ = start_metrics_server(settings.compute_metrics_port, settings.compute_host)
    log.info("metrics", port=metrics_server.server_port)
    try:
        asyncio.run(serve(settings, choose(settings)))
    except EngineError as error:
        log.error("no_engine", backend=settings.compute_backend, reason=error.detail)
        sys.exit(1)
    finally:
        metrics_server.shutdown()
        if provider is not None:
            provider.shutdown()


if __name__ == "__main__":
    main()
