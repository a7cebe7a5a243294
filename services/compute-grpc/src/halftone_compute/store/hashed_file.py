"""A file that is written once from start to end, and hashed on the way."""

from __future__ import annotations

import hashlib
import os
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.store.data_file import DataFile

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class HashedFile:
    """A file of numbers or bytes below `folder`, which must not exist yet. Raises OSError."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._digest = hashlib.sha256()
        self.bytes = 0
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        # Also when work ends in the middle of it.
        self._close = weakref.finalize(self, os.close, self._descriptor)

    def write(self, data: np.ndarray | bytes | memoryview) -> None:
        view = bytes_of(data) if isinstance(data, np.ndarray) else memoryview(data)
        self._digest.update(view)
        self.bytes += len(view)
        write_whole(self._descriptor, view)

    def finish(self) -> DataFile:
        """Syncs the file to disk, and closes it."""
        os.fsync(self._descriptor)
        return self.close()

    def close(self) -> DataFile:
        """Closes a file that is synced later, or need not outlive a power cut."""
        self._close()
        return self.described

    @property
    def described(self) -> DataFile:
        """The file as it is so far."""
        return DataFile(self._path.name, self.bytes, self._digest.hexdigest())

    def discard(self) -> None:
        self._close()
        self._path.unlink()


class Syncing:
    """A context manager: at its end all files that it finished are on disk.

    Raises OSError when one could not be synced.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "sync")
        self._waiting: list[Future[DataFile]] = []

    def __enter__(self) -> Syncing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=error is not None)
        if error is None:
            for each in self._waiting:
                each.result()

    def finish(self, file: HashedFile) -> DataFile:
        """Describes a file to which nothing more is written."""
        self._waiting.append(self._pool.submit(file.finish))
        return file.described


def write_whole(descriptor: int, data: memoryview, place: int | None = None) -> None:
    """Writes all bytes: from byte `place` on, or behind what was written last. Raises OSError.

    The system may take a part of them at a time, and takes only what has room when the disk gets full.
    """
    while data:
        taken = os.write(descriptor, data) if place is None else os.pwrite(descriptor, data, place)
        data, place = data[taken:], None if place is None else place + taken


def bytes_of(values: np.ndarray) -> memoryview:
    return np.ascontiguousarray(values).view(np.uint8).reshape(-1).data
