"""Sources of files that an operator has opened: folders of this machine, and prefixes in object storage, by name.

They are read only, and a path below one of them is all that anyone sees of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import Storage, StorageAddress, open_storage
from halftone_servicekit.storage.base import CHUNK_BYTES
from halftone_servicekit.storage.files import FileStorage

# Before the path of a file that lies in a source, in place of one of the storage.
SCHEME = "source:"
MOST_FILES = 4_096
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source. `path` is below the source, with `/` between its parts."""

    path: str
    bytes: int


def parsed_roots(text: str, storage: StorageAddress) -> Mapping[str, StorageAddress]:
    """`name=/folder` and `name=s3://bucket/prefix`, separated by commas; endpoint and keys are those of the storage.

    Raises `ValueError` for anything else.
    """
    roots: dict[str, StorageAddress] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, place = part.partition("=")
        if not _NAME.fullmatch(name) or name in roots or not place.startswith(("/", "s3://")):
            raise ValueError("HALFTONE_IMPORT_ROOTS must look like name=/folder,other=s3://bucket/prefix")
        roots[name] = replace(storage, url=place if place.startswith("s3://") else f"file://{quote(place)}")
    return roots


class Source:
    """One source. `path` is empty for the source itself. Raises HalftoneError `not_found` for what is not there, leads
    elsewhere or lies on another file system, and `storage_unavailable`.
    """

    def __init__(self, name: str, address: StorageAddress) -> None:
        self.name = name
        self.is_local = address.is_local
        self._storage = open_storage(address)

    @property
    def storage(self) -> Storage:
        return self._storage

    def entries(self, path: str = "") -> list[tuple[str, int | None]]:
        """Names right below and their bytes, None for a folder; links and hidden names are left out."""
        with _found():
            found = self._storage.entries(path)
        if self.is_local:
            found = [(name, size) for name, size in found if self._is_inside(f"{path}/{name}".lstrip("/"))]
        return [(name, size) for name, size in found if not name.startswith((".", "_"))]

    def files(self, path: str) -> list[SourceFile]:
        """The file at this path, or all below the folder, by name. Raises HalftoneError `empty_file` without one."""
        with _found():
            if path and self._storage.exists(path) and self._is_inside(path):
                return [SourceFile(path, self._storage.size(path))]
        found: list[SourceFile] = []
        self._collect(path, found)
        if not found:
            raise HalftoneError(ErrorCode.EMPTY_FILE, "There is no file to import.", field="path")
        return sorted(found, key=lambda file: file.path)

    def local_path(self, path: str) -> Path:
        """Where a file or folder lies on this machine."""
        if not isinstance(self._storage, FileStorage) or not self._is_inside(path):
            raise HalftoneError(ErrorCode.NOT_FOUND, field="path")
        with _found():
            return self._storage.path(path) if path else self._storage.root.resolve()

    def fetch(self, path: str, target: Path, max_bytes: int, on_progress: Callable[[int, int], None]) -> Path:
        """Copies the file or folder at this path below `target`; its path there. Raises `too_large_uncompressed`."""
        files = self.files(path)
        total, done = sum(file.bytes for file in files), 0
        if total > max_bytes:
            raise HalftoneError(ErrorCode.TOO_LARGE_UNCOMPRESSED)
        for file in files:
            place = target / (file.path.removeprefix(f"{path}/") if file.path != path else Path(path).name)
            place.parent.mkdir(parents=True, exist_ok=True)
            self._storage.fetch(file.path, place, partial(_add, on_progress, done, total))
            done += file.bytes
        return target / Path(path).name if files[0].path == path else target

    def head(self, file: SourceFile) -> bytes:
        """The first bytes of a file."""
        with _found():
            return self._storage.read(file.path, 0, min(file.bytes, CHUNK_BYTES, 64))

    def _collect(self, path: str, found: list[SourceFile]) -> None:
        for name, size in self.entries(path):
            below = f"{path}/{name}".lstrip("/")
            if size is None:
                self._collect(below, found)
            else:
                found.append(SourceFile(below, size))
            if len(found) > MOST_FILES:
                raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, f"It holds more than {MOST_FILES:,} files.")

    def _is_inside(self, path: str) -> bool:
        """Whether no step of the path is a link or leads to another file system."""
        if not isinstance(self._storage, FileStorage):
            return True
        root = self._storage.root.resolve()
        place, device = root, root.stat().st_dev
        for step in path.split("/"):
            place /= step
            if place.is_symlink() or not place.exists() or place.stat().st_dev != device:
                return False
        return True


@contextmanager
def _found() -> Iterator[None]:
    """Turns what a storage says of a name that leads nowhere into `not_found`."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise HalftoneError(ErrorCode.NOT_FOUND, field="path") from error


def _add(on_progress: Callable[[int, int], None], before: int, total: int, sent: int) -> None:
    on_progress(before + sent, total)
