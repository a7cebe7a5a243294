"""Compute services by DNS: every few seconds each name is resolved to all its addresses."""

import asyncio
import socket
from typing import Final

import structlog

from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.compute.discovery.source import Update

EVERY_S: Final = 5.0

log = structlog.get_logger(__name__)


class DnsSource:
    """A name that cannot be resolved keeps the addresses it had."""

    def __init__(self, pools: Pools, every_s: float = EVERY_S) -> None:
        self._pools = pools
        self._every_s = every_s
        self._known: dict[str, tuple[str, ...]] = {}
        self._lost: set[str] = set()

    async def run(self, update: Update) -> None:
        names = [name for pool in self._pools for name in pool]
        while True:
            await asyncio.gather(*(self._resolve(name) for name in names))
            update(tuple(self._joined(pool) for pool in self._pools))
            await asyncio.sleep(self._every_s)

    async def _resolve(self, name: str) -> None:
        host, _, port = name.rpartition(":")
        loop = asyncio.get_running_loop()
        try:
            # The loop resolves in a thread.
            found = await loop.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        except OSError as error:
            if name not in self._lost:
                self._lost.add(name)
                log.warning("name_not_resolved", name=name, error=str(error))
            return
        self._lost.discard(name)
        self._known[name] = tuple(_target(family, str(address[0]), port) for family, _, _, _, address in found)

    def _joined(self, pool: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({target for name in pool for target in self._known.get(name, ())}))


def _target(family: int, address: str, port: str) -> str:
    return f"[{address}]:{port}" if family == socket.AF_INET6 else f"{address}:{port}"
