"""Rate limit of failed sign-ins a minute: per account and address, and per address.

All replicas count in the shared cache; while it is unreachable each process counts in its own.
"""

import hashlib
import time
from contextlib import suppress

from django.conf import settings
from django.core.cache import BaseCache, caches
from halftone_auth.redis.breaker import Breaker
from redis.exceptions import RedisError

WINDOW_S = 60
# One address may be a whole office behind NAT.
PER_ADDRESS = 10

breaker = Breaker("cache", (RedisError, OSError))


def allow_sign_in(account: str, address: str) -> int:
    """Counts an attempt. Returns 0 when it may proceed, else the seconds to wait.

    Counts before the password is checked, so that concurrent attempts cannot pass the limit.
    """

    def count(cache: BaseCache) -> int:
        return max(
            _count(cache, _pair(account, address), settings.LOGIN_PER_MINUTE),
            _count(cache, _address(address), settings.LOGIN_PER_MINUTE * PER_ADDRESS),
        )

    return breaker.ask(lambda: count(caches["default"]), lambda: count(caches["local"]))


def uncount_sign_in(account: str, address: str) -> None:
    """Uncounts an attempt after the right password."""

    def uncount(cache: BaseCache) -> None:
        # The window may have ended in between.
        for key in (_pair(account, address), _address(address)):
            with suppress(ValueError):
                cache.decr(key)

    breaker.ask(lambda: uncount(caches["default"]), lambda: uncount(caches["local"]))


def _count(cache: BaseCache, key: str, limit: int) -> int:
    now = int(time.time())
    cache.add(f"{key}:until", now + WINDOW_S, WINDOW_S)
    cache.add(key, 0, WINDOW_S)
    try:
        tries = cache.incr(key)
    except ValueError:
        return 0
    if tries <= 1:
        # On Redis, Django checks the key before INCR; a key that expired in between would be made without expiry.
        cache.touch(key, WINDOW_S)
    if tries <= limit:
        return 0
    return max(1, int(cache.get(f"{key}:until", now + 1)) - now)


def _pair(account: str, address: str) -> str:
    return f"sign-in:{hashlib.sha256(f'{account}|{address}'.encode()).hexdigest()}"


def _address(address: str) -> str:
    return f"sign-in:{hashlib.sha256(address.encode()).hexdigest()}"
