"""How the files of a version come to the disk that LocalStore reads."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from halftone_compute.store.manifest import DataFile

Identity = tuple[int, int, int]


class Supply(Protocol):
    """Paths lie below the root of the store that uses it.

    is_whole             whether a version has all its files here while its manifest is
    identity(path)       of a manifest as it lies there: another one is another version; `is_fresh`: this very moment,
                         else what was seen a few seconds ago may do
    manifest(path, most) its bytes, at most so many
    held(folder, files, check) a block in which the files are here; `check` is called while they come, and ends the
                         wait by raising
    again(folder, files) after damage was seen in them: whether another try gets other bytes

    `identity`, `manifest` and `held` raise FileNotFoundError for what is gone.
    """

    is_whole: bool

    def identity(self, path: Path, *, is_fresh: bool = False) -> Identity: ...

    def manifest(self, path: Path, most: int) -> bytes: ...

    @contextmanager
    def held(self, folder: Path, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]: ...

    def again(self, folder: Path, files: Sequence[DataFile]) -> bool: ...


class OnDisk:
    """The disk is the storage itself."""

    is_whole = True

    def identity(self, path: Path, *, is_fresh: bool = False) -> Identity:
        return identity(os.stat(path, follow_symlinks=False))

    def manifest(self, path: Path, most: int) -> bytes:
        with path.open("rb") as file:
            return file.read(most)

    @contextmanager
    def held(self, folder: Path, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]:
        yield

    def again(self, folder: Path, files: Sequence[DataFile]) -> bool:
        return False


def identity(stat: os.stat_result) -> Identity:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
