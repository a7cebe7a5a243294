"""How this service talks to a Redis: briefly, for nothing that it keeps there is the only copy."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

# A request that finds its Redis away must not feel it for longer.
TIMEOUT_S = 0.25


def short() -> dict[str, Any]:
    """Options of a redis-py connection. One retry is for a connection that was cut while it lay in the pool."""
    return {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
    }


def caches(url: str) -> dict[str, dict[str, Any]]:
    """Django's `CACHES`: `default` is shared when there is an address, `local` is always this process's own."""
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "halftone"}
    if not url:
        return {"default": local, "local": local}
    shared = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "halftone-auth",
        "OPTIONS": short(),
    }
    return {"default": shared, "local": local}
