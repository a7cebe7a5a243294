"""The lag of the event loop."""

import asyncio
import time

from gateway_rig.waiting import eventually
from halftone_gateway.metrics import REGISTRY
from halftone_gateway.server import loop_lag


def lag() -> tuple[float, float]:
    """How often it was measured, and the sum of seconds."""
    name = "halftone_gateway_event_loop_lag_seconds"
    return REGISTRY.get_sample_value(f"{name}_count") or 0.0, REGISTRY.get_sample_value(f"{name}_sum") or 0.0


async def test_a_loop_that_is_held_up_is_late() -> None:
    task = asyncio.create_task(loop_lag.watch())
    await asyncio.sleep(0)
    count, total = lag()
    time.sleep(loop_lag.EVERY_S + 0.2)  # noqa: ASYNC251 - what is measured
    await eventually(lambda: lag()[0] > count)
    assert lag()[1] - total >= 0.2
    task.cancel()
