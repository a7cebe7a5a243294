"""What stands behind the product: nothing (embedded), or a real PostgreSQL, Redis and object store (cluster)."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from halftone_servicekit.testing_objects import ObjectStore
from halftone_servicekit.testing_servers import Postgres, Redis

PREFIX = "e2e"


@dataclass(frozen=True, slots=True)
class Servers:
    """Servers as in a cluster: the broker apart from the cache, which may forget."""

    postgres: Postgres
    broker: Redis
    cache: Redis
    objects: ObjectStore
    database: str

    def settings(self) -> dict[str, str]:
        """The environment of services that use them."""
        return {
            "HALFTONE_DATABASE_URL": self.database,
            "HALFTONE_BROKER_URL": self.broker.url,
            "HALFTONE_BUS_URL": self.broker.url,
            "HALFTONE_CACHE_URL": self.cache.url,
            **self.objects.environment(PREFIX),
        }


@contextmanager
def chosen() -> Iterator[Servers | None]:
    """The servers of the profile that HALFTONE_E2E_PROFILE names, running; the embedded one has none."""
    name = os.environ.get("HALFTONE_E2E_PROFILE", "embedded")
    if name == "embedded":
        yield None
    elif name == "cluster":
        with cluster() as servers:
            yield servers
    else:
        raise ValueError(f"HALFTONE_E2E_PROFILE is embedded or cluster, not {name}")


@contextmanager
def cluster() -> Iterator[Servers]:
    """Fresh servers with an empty database and an empty bucket."""
    with ExitStack() as running:
        postgres = running.enter_context(Postgres())
        yield Servers(
            postgres=postgres,
            broker=running.enter_context(Redis("--maxmemory-policy", "noeviction")),
            cache=running.enter_context(Redis("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")),
            objects=running.enter_context(ObjectStore()),
            database=postgres.create("halftone"),
        )
