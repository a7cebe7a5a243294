"""Runs the gateway: `python -m halftone_gateway`."""

from halftone_servicekit.allocator import keep_freed_memory
from halftone_servicekit.logging import configure_logging
from halftone_servicekit.telemetry import configure_telemetry

from halftone_gateway.server.app import create_app
from halftone_gateway.server.serve import make_server
from halftone_gateway.settings import GatewaySettings


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    keep_freed_memory()
    settings = GatewaySettings()
    configure_logging("gateway", settings.log_level, settings.log_format)
    provider = configure_telemetry("gateway", settings.otlp_endpoint)
    try:
        make_server(create_app(settings), settings).run()
    finally:
        if provider:
            provider.shutdown()


if __name__ == "__main__":
    main()
