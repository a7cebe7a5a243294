"""Waiting for something to become true."""

import asyncio
from collections.abc import Callable


async def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Raises TimeoutError when it does not become true in time."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens in servers that have no event to set
            await asyncio.sleep(0.005)
