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
# More would wait for the one thread that takes the results.
_MOST = 4


def threads_to_use() -> int:
    """As many as there are processors for this process, at most four."""
    return max(1, min(_MOST, len(os.sched_getaffinity(0))))


def in_order(work: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None) -> Iterator[Result]:
    """`work` of each item. As many are under way as there are `threads`, by default `threads_to_use`, and two more
    wait: memory stays bounded.

    Raises what `work` raises, when its turn comes. A single item, or any with one thread, is worked on without another.
    """
    threads = threads or threads_to_use()
    source = iter(items)
    first = list(islice(source, 2))
    if len(first) < 2 or threads == 1:
        yield from map(work, chain(first, source))
        return
    with ThreadPoolExecutor(threads, "in-order") as pool:
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
