"""What stays in a GPU's memory: what was used last, within a budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from halftone_compute import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class _Entry(Generic[Value]):
    def __init__(self, size: int) -> None:
        self.size = size
        self.value: Value | None = None
        # One thread makes it, the others wait for it.
        self.making = threading.Lock()


class ByteLru:
    """Values by key, each of a size in bytes; a key always has values of one type. For several threads.

    What is evicted is only let go of: its memory is free once the last work that reads it has let go of it too.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._entries: OrderedDict[Hashable, _Entry[object]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        metrics.GPU_MEM_BYTES.labels("budget").set(budget)
        self._tell()

    @property
    def bytes(self) -> int:
        return self._bytes

    def find(self, key: Hashable) -> object | None:
        """The value, if it is there: what every block of every picture asks first."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.value is None:
                return None
            self._entries.move_to_end(key)
            return entry.value

    def get(self, key: Hashable, size: int, make: Callable[[], Value]) -> Value:
        """The value, made now when it is not there; it is not kept when it finds no room. Raises as `make` does."""
        if size > self._budget:
            return make()
        with self._lock:
            entry = cast("_Entry[Value]", self._entries.setdefault(key, _Entry(size)))
            self._entries.move_to_end(key)
        with entry.making:
            if entry.value is None:
                entry.value = self._made(key, entry, make)
            return entry.value

    def evict_all(self) -> None:
        """Lets go of everything that is not being made."""
        with self._lock:
            self._evict_until(0)

    def _made(self, key: Hashable, entry: _Entry[Value], make: Callable[[], Value]) -> Value:
        with self._lock:
            # Who waited while another thread failed holds an entry that is not there any more: its value is not kept.
            is_kept = self._entries.get(key) is entry and self._takes(key, entry)
        try:
            return make()
        except BaseException:
            if is_kept:
                self._drop(key)
            raise

    def _takes(self, key: Hashable, entry: _Entry[Value]) -> bool:
        """Makes room for a value and counts it, unless what others are making leaves no room: then it is not kept."""
        self._evict_until(self._budget - entry.size)
        has_room = self._bytes + entry.size <= self._budget
        if has_room:
            self._bytes += entry.size
            self._tell()
        else:
            self._entries.pop(key)
        return has_room

    def _drop(self, key: Hashable) -> None:
        with self._lock:
            self._bytes -= self._entries.pop(key).size
            self._tell()

    def _evict_until(self, most: int) -> None:
        there = [key for key, entry in self._entries.items() if entry.value is not None]
        for key in there:
            if self._bytes <= most:
                break
            self._bytes -= self._entries.pop(key).size
            metrics.GPU_EVICTIONS.inc()
        self._tell()

    def _tell(self) -> None:
        metrics.GPU_MEM_BYTES.labels("resident").set(self._bytes)
