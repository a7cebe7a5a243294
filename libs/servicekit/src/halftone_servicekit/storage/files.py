"""A storage that is a folder of this machine, or one that is mounted here."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from typing_extensions import override

from halftone_servicekit.storage.base import Continued, Storage, Writer, copy, ignore, no_space, plain

PARTIAL = ".partial"


class FileStorage(Storage):
    """Files below `root`, which is made on need."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """Where this file lies. Raises `ValueError` when a link leads out of the storage."""
        root = self.root.resolve()
        path = (root / plain(name)).resolve()
        if not path.is_relative_to(root):
            raise ValueError("This name leads out of the storage.")
        return path

    @override
    def open(self, name: str) -> Writer:
        with no_space():
            return _FileWriter(self.path(name))

    @override
    def begin(self, name: str, size: int) -> str:
        partial = _partial(self.path(name))
        with no_space():
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.touch()
            _sync_folder(partial.parent)
            _sync_folder(partial.parent.parent)
        return ""

    @override
    def resume(self, name: str, size: int, at: int, token: str) -> Continued:
        return _ContinuedFile(_partial(self.path(name)), at)

    @override
    def complete(self, name: str, size: int, token: str) -> None:
        path = self.path(name)
        if path.is_file():
            return
        if _partial(path).stat().st_size != size:
            raise FileNotFoundError(name)
        _partial(path).rename(path)
        _sync_folder(path.parent)

    @override
    def put(self, path: Path, name: str, sent: Callable[[int], None] = ignore) -> None:
        """A hard link where that works, else a copy."""
        target = self.path(name)
        with no_space():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path.resolve(), target)
            except OSError:
                copy(path, self.open(name), sent)

    @override
    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        with self.path(name).open("rb") as file:
            file.seek(start)
            return file.read(-1 if stop is None else max(0, stop - start))

    @override
    def size(self, name: str) -> int:
        path = self.path(name)
        if not path.is_file():
            raise FileNotFoundError(name)
        return path.stat().st_size

    @override
    def children(self, name: str) -> list[str]:
        path = self.path(name)
        return sorted(os.listdir(path)) if path.is_dir() else []

    @override
    def entries(self, name: str) -> list[tuple[str, int | None]]:
        path = self.path(name) if name else self.root
        with os.scandir(path) as found:
            sizes = [
                (entry.name, None if entry.is_dir() else entry.stat().st_size) for entry in found if _is_there(entry)
            ]
        return sorted(sizes)

    @override
    def changed(self, name: str) -> float | None:
        path = self.path(name)
        if not path.exists():
            return None
        return max(found.stat(follow_symlinks=False).st_mtime for found in (path, *path.glob("**/*")))

    @override
    def remove(self, name: str) -> None:
        path = self.path(name)
        # Two who remove the same are both content.
        with suppress(FileNotFoundError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    @override
    def forget_unfinished(self, before: float) -> int:
        return 0

    @override
    def ready(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise PermissionError(f"{self.root} can not be written to")

    @override
    def free(self) -> int | None:
        with no_space():
            self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    @override
    def close(self) -> None:
        """A folder needs no goodbye."""


class _FileWriter:
    """Writes beside the final name, then renames."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._partial = _partial(path)
        self._file = self._partial.open("wb")

    def write(self, data: bytes) -> None:
        with no_space():
            self._file.write(data)

    def commit(self) -> None:
        with no_space():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.rename(self._path)

    def abort(self) -> None:
        # What can not be written out any more is not wanted any more.
        with suppress(OSError):
            self._file.close()
        self._partial.unlink(missing_ok=True)


class _ContinuedFile:
    """Appends to the partial file."""

    def __init__(self, partial: Path, at: int) -> None:
        self._file = partial.open("r+b")
        if os.fstat(self._file.fileno()).st_size < at:
            self._file.close()
            raise FileNotFoundError(f"{partial.name} ends before {at}")
        self._file.truncate(at)
        self._file.seek(at)

    def write(self, data: bytes) -> None:
        with no_space():
            self._file.write(data)

    def sync(self) -> None:
        with no_space():
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        # What can not be written out was not synced.
        with suppress(OSError):
            self._file.close()


def _is_there(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a file or a folder, and no link that leads nowhere or other thing."""
    return entry.is_dir() or entry.is_file()


def _partial(path: Path) -> Path:
    return path.with_name(path.name + PARTIAL)


def _sync_folder(folder: Path) -> None:
    """Makes the names in a folder safe."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
