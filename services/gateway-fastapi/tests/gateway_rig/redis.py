"""A real Redis for tests, or one loud reason why there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from halftone_servicekit.testing_servers import Redis, ServerMissingError


@contextmanager
def redis_server() -> Iterator[Redis]:
    try:
        server = Redis()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with server:
        yield server
