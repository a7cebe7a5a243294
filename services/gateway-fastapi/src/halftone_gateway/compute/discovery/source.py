"""Where the compute services are: the interface of the sources, and the one that never changes."""

from collections.abc import Callable
from typing import Protocol

from halftone_gateway.compute.discovery.affinity import Pools

# Is given the pools, best first, each time they change; called in the event loop.
Update = Callable[[Pools], None]


class Source(Protocol):
    """`run` tells where the services are, for as long as the process lives; it returns when nothing can change."""

    async def run(self, update: Update) -> None: ...


class StaticSource:
    """Lists that never change."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    async def run(self, update: Update) -> None:
        update(self._pools)
