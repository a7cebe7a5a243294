"""How many wrong passwords a minute: per account and address, and per address whatever the account."""

import hashlib
import time

from django.conf import settings
from django.core.cache import cache

WINDOW_S = 60
# One address may stand for a whole office.
PER_ADDRESS = 10


def allow_sign_in(account: str, address: str) -> int:
    """Counts a try. 0 when it may go ahead, else the seconds to wait.

    Tries are counted before the password is looked at, so that many at once do not slip through.
    """
    return max(
        _count(_pair(account, address), settings.LOGIN_PER_MINUTE),
        _count(_address(address), settings.LOGIN_PER_MINUTE * PER_ADDRESS),
    )


def forgive_sign_in(account: str, address: str) -> None:
    """Takes a try back, after the right password."""
    for key in (_pair(account, address), _address(address)):
        try:
            cache.decr(key)
        except ValueError:
            # The minute ended in between.
            continue


def _count(key: str, limit: int) -> int:
    now = int(time.time())
    cache.add(f"{key}:until", now + WINDOW_S, WINDOW_S)
    cache.add(key, 0, WINDOW_S)
    try:
        tries = cache.incr(key)
    except ValueError:
        return 0
    if tries <= limit:
        return 0
    return max(1, int(cache.get(f"{key}:until", now + 1)) - now)


def _pair(account: str, address: str) -> str:
    return f"sign-in:{hashlib.sha256(f'{account}|{address}'.encode()).hexdigest()}"


def _address(address: str) -> str:
    return f"sign-in:{hashlib.sha256(address.encode()).hexdigest()}"
