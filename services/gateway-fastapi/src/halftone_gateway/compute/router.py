"""The choice of a compute service for a request: pure, from what is known at one moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from halftone_gateway.compute.discovery.affinity import Choice, Pools, choose


@dataclass(frozen=True, slots=True)
class Router:
    """`pools` as discovery names them, best first; `live` targets take requests; `loads` counts requests under way."""

    pools: Pools
    live: Collection[str]
    loads: Mapping[str, int]

    def prefer(self, key: str, excluding: Collection[str] = ()) -> Choice | None:
        """The service for a request of this key, from the best pool that has one; None when no pool has."""
        live = [[target for target in pool if target in self.live and target not in excluding] for pool in self.pools]
        return choose(live, key, self.loads)

    def is_spare(self, target: str) -> bool:
        """Whether a target is in a pool that is used only while none of the best pool is live."""
        best, *spare = self.pools or ((),)
        return target not in best and any(target in pool for pool in spare)
