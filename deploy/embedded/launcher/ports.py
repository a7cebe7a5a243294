"""Checks that the ports are free before anything starts."""

import errno
import socket
from collections.abc import Mapping

LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def taken(ports: Mapping[str, int]) -> dict[str, int]:
    """Those of `{variable: port}` that another process listens on, on either loopback address."""
    return {name: port for name, port in ports.items() if any(in_use(family, host, port) for family, host in LOOPBACK)}


def in_use(family: socket.AddressFamily, host: str, port: int) -> bool:
    """Tries to listen there, as a server would. A machine without IPv6 has no one listening on it."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
