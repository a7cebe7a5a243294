"""Waiting for something to become true."""

import asyncio
from collections.abc import Callable

# Longer than a busy machine ever stands still: it ends tests that would hang, and is no measure of anything.
DEADLINE_S = 30.0


async def eventually(is_so: Callable[[], bool], seconds: float = DEADLINE_S) -> None:
    """Raises TimeoutError when it does not become true in time."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens in servers that have no event to set
            await asyncio.sleep(0.005)
