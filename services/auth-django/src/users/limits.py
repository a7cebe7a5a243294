"""How many wrong passwords a minute: per account and address, and per address whatever the account.

All replicas count together in the shared cache; while that is away each counts for itself.
"""

import hashlib
import time
from contextlib import suppress

from django.conf import settings
from django.core.cache import BaseCache, caches
from halftone_auth.redis.breaker import Breaker
from redis.exceptions import RedisError

WINDOW_S = 60
# One address may stand for a whole office.
PER_ADDRESS = 10

breaker = Breaker("cache", (RedisError, OSError))


def allow_sign_in(account: str, address: str) -> int:
    """Counts a try. 0 when it may go ahead, else the seconds to wait.

    Tries are counted before the password is looked at, so that many at once do not slip through.
    """

    def count(cache: BaseCache) -> int:
        return max(
            _count(cache, _pair(account, address), settings.LOGIN_PER_MINUTE),
            _count(cache, _address(address), settings.LOGIN_PER_MINUTE * PER_ADDRESS),
        )

    return breaker.ask(lambda: count(caches["default"]), lambda: count(caches["local"]))


def forgive_sign_in(account: str, address: str) -> None:
    """Takes a try back, after the right password."""

    def take_back(cache: BaseCache) -> None:
        # The minute may have ended in between.
        for key in (_pair(account, address), _address(address)):
            with suppress(ValueError):
                cache.decr(key)

    breaker.ask(lambda: take_back(caches["default"]), lambda: take_back(caches["local"]))


def _count(cache: BaseCache, key: str, limit: int) -> int:
    now = int(time.time())
    cache.add(f"{key}:until", now + WINDOW_S, WINDOW_S)
    cache.add(key, 0, WINDOW_S)
    try:
        tries = cache.incr(key)
    except ValueError:
        return 0
    if tries <= 1:
        # Django looks whether the key is there before it counts on a Redis; one that ended in between would last.
        cache.touch(key, WINDOW_S)
    if tries <= limit:
        return 0
    return max(1, int(cache.get(f"{key}:until", now + 1)) - now)


def _pair(account: str, address: str) -> str:
    return f"sign-in:{hashlib.sha256(f'{account}|{address}'.encode()).hexdigest()}"


def _address(address: str) -> str:
    return f"sign-in:{hashlib.sha256(address.encode()).hexdigest()}"
