"""Versions in object storage: a manifest is read when its version is opened, a file fetched when it is first used."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.files import FileIdentity
    from halftone_compute.store.remote.cache import FileCache

_log = structlog.get_logger(__name__)
# How long a removed version may still be opened here. The gateway closes open views of it at once.
_RECHECK_SECONDS = 10.0
# How long opening a version waits for that check.
_WAIT_SECONDS = 0.25
_THREADS = 4
_CAPACITY = 1_000


class RemoteFiles:
    """The VersionFiles of a LocalStore whose root is the folder of `cache`."""

    is_complete = False

    def __init__(self, cache: FileCache, recheck_seconds: float = _RECHECK_SECONDS) -> None:
        self._cache = cache
        self._recheck_seconds = recheck_seconds
        self._seen: OrderedDict[str, tuple[float, FileIdentity]] = OrderedDict()
        self._checks: dict[str, Future[FileIdentity]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="manifest")

    def identity(self, path: Path, *, is_fresh: bool = False) -> FileIdentity:
        name = self._name(path)
        with self._lock:
            seen = self._seen.get(name)
            if seen is not None and not is_fresh:
                if time.monotonic() - seen[0] < self._recheck_seconds:
                    return seen[1]
                running = self._start(name)
        if seen is None or is_fresh:
            return self._ask(name)
        try:
            return running.result(_WAIT_SECONDS)
        except TimeoutError:
            # A slow storage must not delay files on disk. The check continues, and its result counts for the next call.
            return self._extend(name, seen[1])

    def _start(self, name: str) -> Future[FileIdentity]:
        """The running check of this name, started if there is none. Call it with the lock held."""
        if name not in self._checks:
            self._checks[name] = self._pool.submit(self._ask_once, name)
        return self._checks[name]

    def _ask_once(self, name: str) -> FileIdentity:
        try:
            return self._ask(name)
        finally:
            with self._lock:
                del self._checks[name]

    def _ask(self, name: str) -> FileIdentity:
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
            # A published version never changes, so files on disk stay valid while the storage is unreachable.
            _log.warning("storage_unreachable", manifest=name)
            return self._extend(name, seen[1])
        with self._lock:
            self._seen[name] = (time.monotonic(), found)
            if len(self._seen) > _CAPACITY:
                self._seen.popitem(last=False)
        return found

    def _extend(self, name: str, identity: FileIdentity) -> FileIdentity:
        """Uses the known identity for another `recheck_seconds`, unless the manifest was found removed meanwhile."""
        with self._lock:
            if name in self._seen:
                self._seen[name] = (time.monotonic(), identity)
        return identity

    def manifest(self, path: Path, maximum: int) -> bytes:
        return self._cache.storage.read(self._name(path), 0, maximum)

    @contextmanager
    def held(self, folder: Path, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]:
        with self._cache.held({self._name(folder / file.file): file for file in files}, check):
            yield

    def refetch(self, folder: Path, files: Sequence[DataFile]) -> bool:
        for file in files:
            self._cache.drop(self._name(folder / file.file))
        return True

    def _name(self, path: Path) -> str:
        return path.relative_to(self._cache.folder).as_posix()
