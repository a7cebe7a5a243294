"""Versions in object storage: the manifest first, then each file when it is first touched."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.versions import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from halftone_compute.store.manifest import DataFile
    from halftone_compute.store.remote.cache import FileCache
    from halftone_compute.store.supply import Identity

_log = structlog.get_logger(__name__)
# How long a version that was removed may still be opened here; whoever looks at it is told by the gateway at once.
_LOOK_SECONDS = 10.0
# How long a picture waits for that look.
_WAIT_SECONDS = 0.25
_LOOKS = 4
_MOST = 1_000


class Fetched:
    """The Supply of a LocalStore whose root is the folder of `cache`."""

    is_whole = False

    def __init__(self, cache: FileCache, look_seconds: float = _LOOK_SECONDS) -> None:
        self._cache = cache
        self._look_seconds = look_seconds
        self._seen: OrderedDict[str, tuple[float, Identity]] = OrderedDict()
        self._looks: dict[str, Future[Identity]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_LOOKS, thread_name_prefix="look")

    def identity(self, path: Path, *, is_fresh: bool = False) -> Identity:
        name = self._name(path)
        with self._lock:
            seen = self._seen.get(name)
            if seen is not None and not is_fresh:
                if time.monotonic() - seen[0] < self._look_seconds:
                    return seen[1]
                look = self._begun(name)
        if seen is None or is_fresh:
            return self._look(name)
        try:
            return look.result(_WAIT_SECONDS)
        except TimeoutError:
            # Nor does a storage that is slow hold up what lies here; the look goes on, and tells the next one.
            return self._keep(name, seen[1])

    def _begun(self, name: str) -> Future[Identity]:
        """A look that is under way, one for each name."""
        if name not in self._looks:
            self._looks[name] = self._pool.submit(self._look_and_forget, name)
        return self._looks[name]

    def _look_and_forget(self, name: str) -> Identity:
        try:
            return self._look(name)
        finally:
            with self._lock:
                del self._looks[name]

    def _look(self, name: str) -> Identity:
        try:
            found = (0, 0, self._cache.storage.size(name))
        except FileNotFoundError:
            with self._lock:
                self._seen.pop(name, None)
            raise
        except HalftoneError as error:
            with self._lock:
                seen = self._seen.get(name)
            if seen is None or error.code is not ErrorCode.STORAGE_UNAVAILABLE:
                raise
            # What was published never changes: what lies here is as good without its storage.
            _log.warning("storage_away", manifest=name)
            return self._keep(name, seen[1])
        with self._lock:
            self._seen[name] = (time.monotonic(), found)
            if len(self._seen) > _MOST:
                self._seen.popitem(last=False)
        return found

    def _keep(self, name: str, identity: Identity) -> Identity:
        """Takes what was seen for another while, unless it was seen to be gone meanwhile."""
        with self._lock:
            if name in self._seen:
                self._seen[name] = (time.monotonic(), identity)
        return identity

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
