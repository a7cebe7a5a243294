"""Versions in object storage: the manifest first, then each file when it is first touched."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from halftone_compute.store.cache import FileCache
    from halftone_compute.store.manifest import DataFile
    from halftone_compute.store.supply import Identity

_log = structlog.get_logger(__name__)
# How long a version that was removed may still be opened here; whoever looks at it is told by the gateway at once.
_LOOK_SECONDS = 10.0
_MOST = 1_000


class Fetched:
    """The Supply of a LocalStore whose root is the folder of `cache`."""

    is_whole = False

    def __init__(self, cache: FileCache, look_seconds: float = _LOOK_SECONDS) -> None:
        self._cache = cache
        self._look_seconds = look_seconds
        self._seen: OrderedDict[str, tuple[float, Identity]] = OrderedDict()
        self._lock = threading.Lock()

    def identity(self, path: Path, *, is_fresh: bool = False) -> Identity:
        name = self._name(path)
        with self._lock:
            seen = self._seen.get(name)
        now = time.monotonic()
        if seen is not None and not is_fresh and now - seen[0] < self._look_seconds:
            return seen[1]
        try:
            found = (0, 0, self._cache.storage.size(name))
        except FileNotFoundError:
            with self._lock:
                self._seen.pop(name, None)
            raise
        except HalftoneError as error:
            if seen is None or error.code is not ErrorCode.STORAGE_UNAVAILABLE:
                raise
            # What was published never changes: what lies here is as good without its storage.
            _log.warning("storage_away", manifest=name)
            found = seen[1]
        with self._lock:
            self._seen[name] = (now, found)
            if len(self._seen) > _MOST:
                self._seen.popitem(last=False)
        return found

    def manifest(self, path: Path, most: int) -> bytes:
        return self._cache.storage.read(self._name(path), 0, most)

    @contextmanager
    def held(self, folder: Path, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]:
        with self._cache.held({self._name(folder / file.file): file for file in files}, check):
            yield

    def again(self, folder: Path, files: Sequence[DataFile]) -> bool:
        for file in files:
            self._cache.drop(self._name(folder / file.file))
        return True

    def _name(self, path: Path) -> str:
        return path.relative_to(self._cache.folder).as_posix()


def fetched_store(cache: FileCache) -> LocalStore:
    """A store of what lies in the storage of `cache`."""
    store = LocalStore(cache.folder, supply=Fetched(cache))
    cache.on_evicted = lambda name: store.forget(cache.folder / name)
    return store
