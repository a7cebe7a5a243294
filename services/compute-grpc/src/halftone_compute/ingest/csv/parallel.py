"""Work on a sequence by several threads, with results in order."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")
# More would wait for the one thread that writes columns.
_MOST = 4


def in_order(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work` of each item. As many are under way as there are processors, and two more wait: memory stays bounded.

    Raises what `work` raises, when its turn comes. A single item is worked on without a thread.
    """
    source = iter(items)
    first = list(islice(source, 2))
    if len(first) < 2:
        yield from map(work, first)
        return
    threads = max(1, min(_MOST, len(os.sched_getaffinity(0))))
    with ThreadPoolExecutor(threads, "cells") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in chain(first, source):
                waiting.append(pool.submit(work, item))
                if len(waiting) >= threads + 2:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
