"""Tells running services that there is a new event. The event table is the truth: a lost message costs one poll."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from halftone_auth.redis.breaker import Breaker
from halftone_auth.redis.options import short

CHANNEL = "halftone.events"

breaker = Breaker("bus", (RedisError, OSError))
_subscribers: list[Callable[[int], None]] = []


def subscribe(on_event: Callable[[int], None]) -> None:
    """Calls `on_event` with the id of each event that this process commits; it must return at once."""
    _subscribers.append(on_event)


def tell(event_id: int) -> None:
    """Passes on the id of a committed event, inside this process and on the bus. A bus that is away raises nothing."""
    for on_event in _subscribers:
        on_event(event_id)
    url: str = settings.BUS_URL
    if url:
        breaker.ask(lambda: _publish(url, event_id), lambda: None)


def _publish(url: str, event_id: int) -> None:
    client(url).publish(CHANNEL, str(event_id))


@cache
def client(url: str) -> Redis:
    """The publishing end."""
    return Redis.from_url(url, **short())


def answers(url: str) -> bool:
    """Whether the Redis at this address answers now."""
    try:
        return bool(client(url).ping())
    except (RedisError, OSError):
        return False
