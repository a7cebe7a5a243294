"""Syncs finished files to disk while others are written."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.hashed_file import HashedFile


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
