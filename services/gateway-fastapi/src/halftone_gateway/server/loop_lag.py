"""The lag of the event loop: how much longer a short sleep takes than requested."""

import asyncio
from typing import Final

from halftone_gateway.metrics import LOOP_LAG

EVERY_S: Final = 1.0


async def watch() -> None:
    """Measures for as long as the process lives."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_S
        await asyncio.sleep(EVERY_S)
        LOOP_LAG.observe(max(0.0, loop.time() - due))
