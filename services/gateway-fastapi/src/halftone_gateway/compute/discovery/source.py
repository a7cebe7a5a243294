"""Where the compute services are: the interface of the sources, and the one that never changes."""

from collections.abc import Callable
from typing import Protocol

from halftone_gateway.compute.discovery.affinity import Pools

# Called in the event loop with the pools, best first, each time they change.
Update = Callable[[Pools], None]


class Source(Protocol):
    """`run` calls `update` for as long as the process lives; it returns when the pools cannot change."""

    async def run(self, update: Update) -> None: ...


class StaticSource:
    """Lists that never change."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    async def run(self, update: Update) -> None:
        update(self._pools)
