"""The files of published versions, and how they reach the local disk."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from halftone_compute.store.data_file import DataFile

# Inode, modification time in nanoseconds, bytes: a file whose identity changed was replaced.
FileIdentity = tuple[int, int, int]


class VersionFiles(Protocol):
    """Makes the files of versions available on the local disk. Paths lie below the root of the store that uses it.

    is_complete          whether every file of a version is on disk while its manifest exists
    identity(path)       of a manifest. `is_fresh` asks the storage now, else an answer of a few seconds ago will do
    manifest(path, maximum) its first bytes, at most `maximum`
    held(folder, files, check) a block in which the files are on disk; `check` is called during a wait, and ends it by
                         raising
    refetch(folder, files) called after damage was found: whether another attempt reads other bytes

    `identity`, `manifest` and `held` raise FileNotFoundError for what does not exist.
    """

    is_complete: bool

    def identity(self, path: Path, *, is_fresh: bool = False) -> FileIdentity: ...

    def manifest(self, path: Path, maximum: int) -> bytes: ...

    @contextmanager
    def held(self, folder: Path, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]: ...

    def refetch(self, folder: Path, files: Sequence[DataFile]) -> bool: ...


class LocalFiles:
    """The local disk is the storage itself."""

    is_complete = True

    def identity(self, path: Path, *, is_fresh: bool = False) -> FileIdentity:
        return identity_of(os.stat(path, follow_symlinks=False))

    def manifest(self, path: Path, maximum: int) -> bytes:
        with path.open("rb") as file:
            return file.read(maximum)

    @contextmanager
    def held(self, folder: Path, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]:
        yield

    def refetch(self, folder: Path, files: Sequence[DataFile]) -> bool:
        return False


def identity_of(stat: os.stat_result) -> FileIdentity:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
