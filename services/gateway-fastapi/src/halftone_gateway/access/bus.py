"""Listens on the Redis channel that announces events; the events themselves are read from the auth service."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from halftone_servicekit.backoff import Backoff
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

CHANNEL: Final = "halftone.events"
_CONNECT_S: Final = 2.0
# A connection that is silent this long gets a PING.
_PING_S: Final = 10.0
_PONG_S: Final = 10.0
_FIRST_S: Final = 0.2
_LONGEST_S: Final = 5.0

log = structlog.get_logger(__name__)


class Bus:
    """`wake` is called for each message, and for each new connection: messages may have been missed before."""

    def __init__(self, url: str, wake: Callable[[], None]) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=_CONNECT_S, socket_connect_timeout=_CONNECT_S, retry=Retry(NoBackoff(), 0)
        )
        self._wake = wake
        self._backoff = Backoff(_FIRST_S, _LONGEST_S)

    async def run(self) -> None:
        """Never returns. Reconnects to a lost Redis with exponential backoff."""
        try:
            while True:
                try:
                    await self._listen()
                except (RedisError, OSError, TimeoutError) as error:
                    log.warning("bus_away", error=type(error).__name__)
                await asyncio.sleep(self._backoff.pause())
        finally:
            await self._redis.aclose(close_connection_pool=True)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            waiting_for_pong = False
            while True:
                message = await channel.get_message(timeout=_PONG_S if waiting_for_pong else _PING_S)
                if message is not None:
                    waiting_for_pong = False
                    self._backoff.reset()
                    if message["type"] in ("subscribe", "message"):
                        self._wake()
                elif waiting_for_pong:
                    raise TimeoutError("the bus does not answer")
                else:
                    waiting_for_pong = True
                    await channel.ping()
