"""Tells running services that there is a new event. The event table is the truth: a lost message costs one poll."""

from functools import cache

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from halftone_auth.redis.breaker import Breaker
from halftone_auth.redis.options import short

CHANNEL = "halftone.events"

breaker = Breaker("bus", (RedisError, OSError))


def tell(event_id: int) -> None:
    """Publishes the id of a committed event, when there is a bus. Never raises for one that is away."""
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
