"""Publishes new events to running services. The event table is authoritative: a lost message costs one poll."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from halftone_auth.redis.breaker import Breaker
from halftone_auth.redis.options import connection_options

CHANNEL = "halftone.events"

breaker = Breaker("bus", (RedisError, OSError))
_subscribers: list[Callable[[int], None]] = []


def subscribe(on_event: Callable[[int], None]) -> None:
    """Calls `on_event` with the id of each event that this process commits; it must return at once."""
    _subscribers.append(on_event)


def publish(event_id: int) -> None:
    """Publishes the id of a committed event, in this process and on the bus. An unreachable bus raises nothing."""
    for on_event in _subscribers:
        on_event(event_id)
    url: str = settings.BUS_URL
    if url:
        breaker.ask(lambda: _publish(url, event_id), lambda: None)


def _publish(url: str, event_id: int) -> None:
    client(url).publish(CHANNEL, str(event_id))


@cache
def client(url: str) -> Redis:
    """The client of a Redis, shared by all threads."""
    return Redis.from_url(url, **connection_options())


def ping(url: str) -> bool:
    """Whether the Redis at this URL answers now."""
    try:
        return bool(client(url).ping())
    except (RedisError, OSError):
        return False
