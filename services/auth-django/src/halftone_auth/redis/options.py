"""Options of connections to Redis: short timeouts, since Redis holds no only copy of anything."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

# The longest that an unreachable Redis may delay a request.
TIMEOUT_S = 0.25


def connection_options() -> dict[str, Any]:
    """Options of a redis-py connection. The one retry is for a pooled connection that the server has closed."""
    return {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
    }


def caches(url: str) -> dict[str, dict[str, Any]]:
    """Django's `CACHES`: `default` is shared when there is a URL, `local` is always in this process."""
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "halftone"}
    if not url:
        return {"default": local, "local": local}
    shared = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "halftone-auth",
        "OPTIONS": connection_options(),
    }
    return {"default": shared, "local": local}
