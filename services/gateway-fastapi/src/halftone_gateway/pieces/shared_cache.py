"""Pieces that the gateways of a cluster share, in a Redis that may be slow, full or gone at any time.

A piece id names its content, so no entry is ever stale. The scope of a piece is stored beside it and checked when
read, as in the process's own cache.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, TypeVar

import structlog
from halftone_servicekit.breaker import Breaker
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from halftone_gateway.metrics import SHARED_LOOKUPS, SHARED_WRITES
from halftone_gateway.pieces.cache import Scope

# Timeout of a lookup: compute is asked after it, and a person waits.
GET_S: Final = 0.1
PUT_S: Final = 1.0
PIECE_BYTES: Final = 1_048_576
QUEUE_BYTES: Final = 16_777_216
_BATCH: Final = 32
_CONNECTIONS: Final = 16
_MAGIC: Final = b"halftone-piece-1"
_HEADER: Final = len(_MAGIC) + 16 + 32

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


def wrapped(piece_id: bytes, scope: Scope, piece: bytes) -> bytes:
    """What is stored: a piece behind its own id and its scope."""
    return _MAGIC + piece_id + _digest(scope) + piece


def unwrapped(value: bytes, piece_id: bytes, scope: Scope) -> bytes | None:
    """The piece of a stored value, None when its id or its scope is another."""
    return value[_HEADER:] if value.startswith(_MAGIC + piece_id + _digest(scope)) else None


def _digest(scope: Scope) -> bytes:
    return sha256(f"{scope.version_id}\n{scope.policy_hash}".encode()).digest()


def _key(piece_id: bytes, scope: Scope) -> str:
    # A gateway of an earlier release looks for the first form only, which its clients read.
    return f"halftone:piece:{piece_id.hex()}{':packed' if scope.packed else ''}"


async def within(seconds: float, call: Awaitable[Result]) -> Result:
    """The result of a call. Raises TimeoutError in time even if the call ignores its cancellation, as redis-py may."""
    task = asyncio.ensure_future(call)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            task.add_done_callback(_forget)
    if not done:
        raise TimeoutError
    return task.result()


def _forget(task: asyncio.Future[Any]) -> None:
    """Retrieves the error of an abandoned call, which asyncio would log otherwise."""
    _ = task.cancelled() or task.exception()


class SharedCache:
    """`run` writes behind. Pieces are skipped while Redis cannot keep up."""

    def __init__(self, url: str, ttl_s: float) -> None:
        # One try on a connection of its own: redis-py closes a connection whose reply was not read, so replies are
        # never mixed up.
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=GET_S,
            socket_timeout=PUT_S,
            socket_connect_timeout=PUT_S,
            retry=Retry(NoBackoff(), 0),
            decode_responses=False,
        )
        self._redis = Redis(connection_pool=pool)
        self._ttl_ms = int(ttl_s * 1000)
        self._breaker = Breaker()
        self._queue: dict[str, bytes] = {}
        self._queued = 0
        self._wake = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether a lookup may succeed: the breaker is closed."""
        return self._breaker.allows(asyncio.get_running_loop().time())

    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]:
        """The cached ones of these pieces; none when the lookup fails or times out."""
        try:
            values = await within(GET_S, self._redis.mget([_key(piece_id, scope) for piece_id in piece_ids]))
        except (RedisError, OSError, TimeoutError) as error:
            self._failed("lookup", error)
            SHARED_LOOKUPS.labels("error").inc(len(piece_ids))
            return {}
        self._breaker.succeeded()
        found = {
            piece_id: piece
            for piece_id, value in zip(piece_ids, values, strict=True)
            if isinstance(value, bytes) and (piece := unwrapped(value, piece_id, scope)) is not None
        }
        SHARED_LOOKUPS.labels("hit").inc(len(found))
        SHARED_LOOKUPS.labels("miss").inc(len(piece_ids) - len(found))
        return found

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        """Queues a write, unless the piece is too large or the queue is full."""
        if len(piece) > PIECE_BYTES or self._queued + len(piece) > QUEUE_BYTES or not self.is_up:
            SHARED_WRITES.labels("left_out").inc()
            return
        value = wrapped(piece_id, scope, piece)
        key = _key(piece_id, scope)
        self._queued += len(value) - len(self._queue.get(key, b""))
        self._queue[key] = value
        self._wake.set()

    async def run(self) -> None:
        """Writes what is queued, in batches; never returns."""
        while True:
            self._wake.clear()
            while batch := self._batch():
                await self._write(batch)
            await self._wake.wait()

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    def _batch(self) -> dict[str, bytes]:
        batch = {key: self._queue.pop(key) for key in list(self._queue)[:_BATCH]}
        self._queued -= sum(map(len, batch.values()))
        return batch

    async def _write(self, batch: Mapping[str, bytes]) -> None:
        try:
            async with asyncio.timeout(PUT_S), self._redis.pipeline(transaction=False) as pipeline:
                for key, value in batch.items():
                    _ = pipeline.set(key, value, px=self._ttl_ms)
                await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._failed("write", error)
            SHARED_WRITES.labels("error").inc(len(batch))
        else:
            self._breaker.succeeded()
            SHARED_WRITES.labels("ok").inc(len(batch))

    def _failed(self, what: str, error: Exception) -> None:
        was_up = self.is_up
        self._breaker.failed(asyncio.get_running_loop().time())
        if was_up and not self.is_up:
            log.warning("shared_cache_unreachable", what=what, error=type(error).__name__)
