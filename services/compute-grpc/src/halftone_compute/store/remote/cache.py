"""Copies of stored files on the local disk: bounded, each fetched once, the least recently used evicted first.

A file is written under a temporary name and renamed once its SHA-256 equals that of the manifest. A fetch runs on a
thread of its own and stops when its last waiter leaves; the next request resumes it. Space is reserved before a file
is fetched.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage.base import no_space

from halftone_compute import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from halftone_servicekit.storage import Storage

    from halftone_compute.store.data_file import DataFile

_log = structlog.get_logger(__name__)
_THREADS = 8
_CHUNK = 4 << 20
_WAIT_SECONDS = 0.02
_PART = ".part"


class _AbandonedError(Exception):
    """The last waiter of this fetch has left."""


@dataclass
class _Entry:
    """A file that is on disk, is being fetched, or was fetched in part. It is not evicted while it has `holders`."""

    size: int
    holders: int = 0
    is_on_disk: bool = False
    fetch: Future[None] | None = None
    abandoned: threading.Event = field(default_factory=threading.Event)
    offset: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def is_idle(self) -> bool:
        """No request reads it, and no thread writes it."""
        return not self.holders and (self.fetch is None or self.fetch.done())

    def restart(self) -> None:
        self.offset, self.digest = 0, hashlib.sha256()


class FileCache:
    """Files of `storage` by name below `folder`, at most `max_bytes` in all. Those of earlier processes are used again.

    `on_evicted` is called with the name of each file that was removed to make room.
    """

    def __init__(self, storage: Storage, folder: Path, max_bytes: int) -> None:
        self.storage = storage
        self.folder = folder
        self.on_evicted: Callable[[str], None] = _ignore
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fetch")
        self._find()

    @contextmanager
    def held(self, files: Mapping[str, DataFile], check: Callable[[], None]) -> Iterator[None]:
        """A block in which the files, given by name, are complete in the folder.

        Raises FileNotFoundError, HalftoneError `data_corrupt`, `no_space`, `storage_unavailable`, what `check` raises.
        """
        entries = self._reserved(files, check)
        try:
            for name, entry in entries.items():
                self._wait(name, entry, files[name], check)
            yield
        finally:
            with self._lock:
                for entry in entries.values():
                    entry.holders -= 1
                    if not entry.holders:
                        entry.abandoned.set()

    def drop(self, name: str) -> None:
        """Removes a file that was found damaged."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None and entry.is_on_disk:
                self._forget_bytes(name, entry)

    def close(self) -> None:
        with self._lock:
            for entry in self._entries.values():
                entry.abandoned.set()
        self._pool.shutdown()

    def _find(self) -> None:
        """Takes over the complete files of an earlier process, in the order of their last use."""
        found = []
        for path in self.folder.rglob("*"):
            if path.name.endswith(_PART):
                path.unlink()
            elif path.is_file():
                stat = path.stat()
                found.append((max(stat.st_atime, stat.st_mtime), str(path.relative_to(self.folder)), stat.st_size))
        for _, name, size in sorted(found):
            self._entries[name] = _Entry(size, is_on_disk=True)
            self._bytes += size
        with self._lock:
            self._evict(0)

    def _reserved(self, files: Mapping[str, DataFile], check: Callable[[], None]) -> dict[str, _Entry]:
        """Reserves all files at once: two requests that each hold one file and wait for space would deadlock."""
        if sum(file.bytes for file in files.values()) > self._max_bytes:
            raise HalftoneError(ErrorCode.NO_SPACE, "A column is larger than the cache of the compute server.")
        while True:
            with self._lock:
                entries = {name: self._entry(name, file) for name, file in files.items()}
                missing = sum(entry.size for name, entry in entries.items() if name not in self._entries)
                for entry in entries.values():
                    entry.holders += 1
                if self._evict(missing):
                    for name, entry in entries.items():
                        self._entries[name] = entry
                        self._entries.move_to_end(name)
                    self._bytes += missing
                    metrics.CACHE_BYTES.set(self._bytes)
                    return entries
                for entry in entries.values():
                    entry.holders -= 1
            # Every other file is held at this moment.
            check()
            threading.Event().wait(_WAIT_SECONDS)

    def _entry(self, name: str, file: DataFile) -> _Entry:
        entry = self._entries.get(name)
        if entry is None:
            return _Entry(file.bytes)
        if entry.is_on_disk and self._size_of(name) != file.bytes:
            self._forget_bytes(name, entry)
        if not entry.is_on_disk and entry.size != file.bytes:
            self._bytes += file.bytes - entry.size
            entry.size = file.bytes
        return entry

    def _size_of(self, name: str) -> int:
        try:
            return os.stat(self.folder / name, follow_symlinks=False).st_size
        except FileNotFoundError:
            return -1

    def _forget_bytes(self, name: str, entry: _Entry) -> None:
        (self.folder / name).unlink(missing_ok=True)
        entry.is_on_disk = False
        entry.fetch = None
        entry.restart()

    def _evict(self, wanted: int) -> bool:
        """Evicts until `wanted` more bytes fit. False: they do not."""
        for name in [name for name, entry in self._entries.items() if entry.is_idle]:
            if self._bytes + wanted <= self._max_bytes:
                break
            entry = self._entries.pop(name)
            self._bytes -= entry.size
            # Existing maps stay readable; the kernel frees the space when the last one is dropped.
            for path in (self.folder / name, self._part(name)):
                path.unlink(missing_ok=True)
            metrics.CACHE_EVICTIONS.inc()
            self.on_evicted(name)
        metrics.CACHE_BYTES.set(self._bytes)
        return self._bytes + wanted <= self._max_bytes

    def _wait(self, name: str, entry: _Entry, file: DataFile, check: Callable[[], None]) -> None:
        while True:
            with self._lock:
                fetch = entry.fetch
                # The result of a fetch that has ended belongs to its waiters. Read before `is_on_disk`: a fetch that
                # ends in between has put the file there.
                if fetch is not None and fetch.done():
                    fetch = None
                if entry.is_on_disk:
                    return
                if fetch is None:
                    entry.abandoned = threading.Event()
                    fetch = entry.fetch = self._pool.submit(self._fetch, name, entry, file, entry.abandoned)
            while not wait([fetch], _WAIT_SECONDS).done:
                check()
            error = fetch.exception()
            if isinstance(error, HalftoneError):
                raise HalftoneError(error.code, error.detail) from error
            if isinstance(error, FileNotFoundError):
                raise FileNotFoundError(name) from error
            if error is not None and not isinstance(error, _AbandonedError):
                raise error

    def _fetch(self, name: str, entry: _Entry, file: DataFile, abandoned: threading.Event) -> None:
        part = self._part(name)
        try:
            with no_space():
                self._write(part, name, entry, file, abandoned)
            if entry.digest.hexdigest() != file.sha256:
                _log.warning("fetched_file_damaged", name=name)
                raise HalftoneError(ErrorCode.DATA_CORRUPT, "A file of this version is damaged.")
            part.rename(self.folder / name)
            entry.is_on_disk = True
        except BaseException as error:
            if not _is_resumable(error):
                entry.restart()
                part.unlink(missing_ok=True)
            raise

    def _write(self, part: Path, name: str, entry: _Entry, file: DataFile, abandoned: threading.Event) -> None:
        part.parent.mkdir(parents=True, exist_ok=True)
        if not part.exists():
            entry.restart()
            part.touch()
        with part.open("r+b") as target:
            target.truncate(entry.offset)
            target.seek(entry.offset)
            while entry.offset < file.bytes:
                if abandoned.is_set():
                    raise _AbandonedError
                data = self._chunk(name, entry.offset, file.bytes)
                target.write(data)
                entry.digest.update(data)
                entry.offset += len(data)

    def _chunk(self, name: str, start: int, size: int) -> bytes:
        data = self.storage.read(name, start, min(start + _CHUNK, size))
        if not data:
            raise HalftoneError(ErrorCode.DATA_CORRUPT, "A file of this version has the wrong size.")
        metrics.FETCHED_BYTES.inc(len(data))
        return data

    def _part(self, name: str) -> Path:
        return self.folder / f"{name}{_PART}"


def _is_resumable(error: BaseException) -> bool:
    """Whether the part that was written can be continued."""
    is_unavailable = isinstance(error, HalftoneError) and error.code is ErrorCode.STORAGE_UNAVAILABLE
    return is_unavailable or isinstance(error, _AbandonedError)


def _ignore(_name: str) -> None:
    """No-op eviction callback."""
