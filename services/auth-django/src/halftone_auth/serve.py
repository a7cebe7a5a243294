"""Serves the application: `python -m halftone_auth.serve --host 127.0.0.1 --port 8000`."""

import argparse
from types import FrameType

import uvicorn
from halftone_servicekit.http_server import HttpServer
from typing_extensions import override

from halftone_auth.asgi import application
from halftone_auth.database import held_view


class AuthServer(HttpServer):
    """On a signal it ends long polls at once: uvicorn waits for every answer, and tells its application last."""

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        application.close()
        held_view.close()
        super().handle_exit(sig, frame)


def main() -> None:
    """Returns when the process gets a signal to stop."""
    parser = argparse.ArgumentParser(prog="halftone_auth.serve", description="The auth service.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
    parser.add_argument("--port", type=int, default=8000, help="Port to listen on.")
    parser.add_argument("--grace", type=int, default=None, help="Seconds that requests may take after a stop signal.")
    given = parser.parse_args()
    config = uvicorn.Config(
        application,
        host=given.host,
        port=given.port,
        timeout_graceful_shutdown=given.grace,
        access_log=False,
        server_header=False,
        # Addresses behind a proxy are read by our own rule.
        proxy_headers=False,
        log_config=None,
    )
    AuthServer(config).run()


if __name__ == "__main__":
    main()
