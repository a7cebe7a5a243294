"""A real Redis for tests, or one loud reason why there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from halftone_servicekit.testing_servers import Redis, ServerMissingError
from redis.asyncio import Redis as Client

from gateway_rig.waiting import DEADLINE_S


@contextmanager
def redis_server() -> Iterator[Redis]:
    try:
        server = Redis()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with server:
        yield server


def client_of(server: Redis) -> Client:
    """A client for the test itself."""
    return Client.from_url(server.url, socket_timeout=DEADLINE_S, socket_connect_timeout=DEADLINE_S)
