"""How long something takes by itself, on a machine that does other things too."""

import statistics
import time
from collections.abc import Callable


def usual_seconds(act: Callable[[], object], times: int = 3) -> float:
    """What the middle one of some tries took: a busy machine makes one of them slow, a slow program most."""
    took = []
    for _ in range(times):
        started = time.monotonic()
        act()
        took.append(time.monotonic() - started)
    return statistics.median(took)
