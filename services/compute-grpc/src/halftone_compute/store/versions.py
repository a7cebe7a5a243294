"""Versions on a local disk, as memory maps. How their files come to be there is told by a Supply.

Sizes are checked when a version is opened and again before a map is used: reading past the end of a truncated map
is a bus error, which no exception handler sees. Checksums are computed in bounded memory when a column is first
used, once for each file as it lies there (inode, time, size), so opening a large version costs nothing for
columns that nobody looks at.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
from collections import OrderedDict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store import manifest as manifests
from halftone_compute.store.base import BLOCK_ROWS, Block, Box, go_on
from halftone_compute.store.supply import Identity, OnDisk
from halftone_compute.store.supply import identity as identity_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_servicekit.tokens import Grant
    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.manifest import ColumnEntry, DataFile, Manifest
    from halftone_compute.store.supply import Supply

_MANIFEST_BYTES = 64 << 20
_CHUNK = 1 << 20
_WAIT_SECONDS = 0.02


class LocalStore:
    """Store below `root`. At most `max_open` versions stay open; blocks already handed out stay readable."""

    def __init__(self, root: Path, max_open: int = 64, supply: Supply | None = None) -> None:
        self._root = root
        self._max_open = max_open
        self._supply = OnDisk() if supply is None else supply
        self._open: OrderedDict[str, tuple[Identity, _Version]] = OrderedDict()
        self._lock = threading.Lock()
        self._checked = _Checked()

    def open(self, grant: Grant) -> GrantedVersion:
        path = self._path(grant.manifest)
        try:
            identity = self._supply.identity(path)
            version = self._cached(grant.manifest, identity) or self._load(grant.manifest, path, identity)
        except (FileNotFoundError, NotADirectoryError) as error:
            with self._lock:
                self._open.pop(grant.manifest, None)
            raise HalftoneError(ErrorCode.VERSION_GONE) from error
        if (version.manifest.dataset_id, version.manifest.version_id) != (grant.dataset_id, grant.version_id):
            raise _corrupt("The manifest belongs to another version.")
        return GrantedVersion(version, grant)

    def forget(self, path: Path) -> None:
        """Lets go of the map of a file that was removed, so that its space can be used again."""
        with self._lock:
            versions = [version for _, version in self._open.values() if version.folder == path.parent]
        for version in versions:
            version.forget(path.name)

    def _path(self, relative: str) -> Path:
        root = self._root.resolve()
        if "\0" in relative or not (path := (root / relative).resolve()).is_relative_to(root):
            raise _corrupt("The manifest lies outside the storage.")
        return path

    def _cached(self, key: str, identity: Identity) -> _Version | None:
        with self._lock:
            known = self._open.get(key)
            if known is None or known[0] != identity:
                return None
            self._open.move_to_end(key)
            return known[1]

    def _load(self, key: str, path: Path, identity: Identity) -> _Version:
        if identity[2] > _MANIFEST_BYTES:
            raise _corrupt("The manifest of this version is damaged.")
        raw = self._supply.manifest(path, _MANIFEST_BYTES)
        version = _Version(manifests.load(raw), path.parent, self._checked, self._supply)
        version.check_sizes()
        with self._lock:
            self._open[key] = (identity, version)
            self._open.move_to_end(key)
            while len(self._open) > self._max_open:
                self._open.popitem(last=False)
        return version


class GrantedVersion:
    """An open version, narrowed to the columns of one grant."""

    def __init__(self, version: _Version, grant: Grant) -> None:
        self._version = version
        self._entries = {
            column.info.name: column for column in version.manifest.columns if grant.allows(column.info.name)
        }

    @property
    def version_id(self) -> str:
        return self._version.manifest.version_id

    @property
    def rows(self) -> int:
        return self._version.manifest.rows

    @property
    def columns(self) -> Mapping[str, ColumnInfo]:
        return {name: entry.info for name, entry in self._entries.items()}

    def blocks(self, columns: Sequence[str], box: Box | None, check: Callable[[], None] = go_on) -> Iterator[Block]:
        del box  # A plain scan has nothing to skip by.
        mapped = {name: self._version.map(self._entry(name), check) for name in columns}
        return _blocks(self.rows, mapped, self.version_id)

    def _entry(self, name: str) -> ColumnEntry:
        entry = self._entries.get(name)
        if entry is None:
            raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=name)
        if entry.storage != "plain":
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "Text columns can not be drawn.", field=name)
        return entry


@dataclass(frozen=True, slots=True)
class _Mapped:
    identities: tuple[Identity, ...]
    values: np.ndarray
    valid: np.ndarray | None


class _Version:
    def __init__(self, manifest: Manifest, folder: Path, checked: _Checked, supply: Supply) -> None:
        self.manifest = manifest
        self.folder = folder
        self._checked = checked
        self._supply = supply
        self._mapped: dict[str, _Mapped] = {}
        self._locks = {column.info.name: threading.Lock() for column in manifest.columns}

    def check_sizes(self) -> None:
        for column in self.manifest.columns:
            for file in column.files.values() if self._supply.is_whole else ():
                self._stat(file)
            if column.storage == "plain":
                self._expect(column, "values", np.dtype(column.layout).itemsize)
                if "valid" in column.files:
                    self._expect(column, "valid", 1)

    def forget(self, name: str) -> None:
        """Lets go of the map of this file."""
        for column in self.manifest.columns:
            if name in [file.file for file in column.files.values()]:
                self._mapped.pop(column.info.name, None)

    def map(self, column: ColumnEntry, check: Callable[[], None]) -> _Mapped:
        files = [column.files[role] for role in ("values", "valid") if role in column.files]
        try:
            return self._mapped_now(column, files, check)
        except HalftoneError as error:
            if error.code is not ErrorCode.DATA_CORRUPT or not self._supply.again(self.folder, files):
                raise
        return self._mapped_now(column, files, check)

    def _mapped_now(self, column: ColumnEntry, files: Sequence[DataFile], check: Callable[[], None]) -> _Mapped:
        # One thread verifies, the others wait for it: a column is hashed once, however many views open it.
        with self._here(files, check), _held(self._locks[column.info.name], check):
            identities = tuple(self._stat(file) for file in files)
            known = self._mapped.get(column.info.name)
            if known is None or known.identities != identities:
                known = self._map(column, identities, check)
                self._mapped[column.info.name] = known
            return known

    def _map(self, column: ColumnEntry, identities: tuple[Identity, ...], check: Callable[[], None]) -> _Mapped:
        values = self._array(column.files["values"], np.dtype(column.layout), check)
        valid = self._array(column.files["valid"], np.dtype(np.bool_), check) if "valid" in column.files else None
        return _Mapped(identities, values, valid)

    @contextmanager
    def _here(self, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(self._supply.held(self.folder, files, check))
            except FileNotFoundError as error:
                raise self._missing() from error
            yield

    def _array(self, file: DataFile, dtype: np.dtype, check: Callable[[], None]) -> np.ndarray:
        with (self.folder / file.file).open("rb") as stream:
            self._checked.require(file, stream.fileno(), check)
            if file.bytes == 0:
                return np.empty(0, dtype)
            return np.frombuffer(mmap.mmap(stream.fileno(), file.bytes, access=mmap.ACCESS_READ), dtype)

    def _stat(self, file: DataFile) -> Identity:
        try:
            found = os.stat(self.folder / file.file, follow_symlinks=False)
        except FileNotFoundError as error:
            raise self._missing() from error
        if found.st_size != file.bytes:
            raise _corrupt("A file of this version has the wrong size.")
        return identity_of(found)

    def _missing(self) -> HalftoneError:
        """What it means that a file is not there."""
        try:
            self._supply.identity(self.folder / manifests.FILE_NAME, is_fresh=True)
        except FileNotFoundError:
            return HalftoneError(ErrorCode.VERSION_GONE)
        return _corrupt("A file of this version is missing.")

    def _expect(self, column: ColumnEntry, role: str, width: int) -> None:
        if column.files[role].bytes != self.manifest.rows * width:
            raise _corrupt("A column does not have one value for each row.")


class _Progress:
    """How far a file was hashed."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.offset = 0


class _Checked:
    """Files whose checksum was seen to be right, as they lay there then."""

    _MOST = 100_000

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[int, Identity], str] = OrderedDict()
        self._begun: OrderedDict[tuple[int, Identity], _Progress] = OrderedDict()
        self._lock = threading.Lock()

    def require(self, file: DataFile, descriptor: int, check: Callable[[], None]) -> None:
        stat = os.fstat(descriptor)
        key = (stat.st_dev, identity_of(stat))
        if stat.st_size != file.bytes:
            raise _corrupt("A file of this version has the wrong size.")
        with self._lock:
            known = self._seen.get(key)
        if known is None:
            with self._lock:
                progress = self._begun.pop(key, None) or _Progress()
            try:
                known = _sha256(descriptor, progress, check)
            except HalftoneError:
                # Whoever asks again goes on from here.
                with self._lock:
                    self._begun[key] = progress
                    if len(self._begun) > self._MOST:
                        self._begun.popitem(last=False)
                raise
            with self._lock:
                self._seen[key] = known
                if len(self._seen) > self._MOST:
                    self._seen.popitem(last=False)
        if known != file.sha256:
            raise _corrupt("A file of this version is damaged.")


def _blocks(rows: int, mapped: Mapping[str, _Mapped], version: str) -> Iterator[Block]:
    for start in range(0, rows, BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        yield Block(
            start=start,
            values={name: column.values[part] for name, column in mapped.items()},
            valid={name: column.valid[part] for name, column in mapped.items() if column.valid is not None},
            version=version,
        )


@contextmanager
def _held(lock: threading.Lock, check: Callable[[], None]) -> Iterator[None]:
    """Holds the lock; a wait for it looks at `check` too."""
    while not lock.acquire(timeout=_WAIT_SECONDS):
        check()
    try:
        yield
    finally:
        lock.release()


def _sha256(descriptor: int, progress: _Progress, check: Callable[[], None]) -> str:
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while count := os.preadv(descriptor, [buffer], progress.offset):
        progress.digest.update(view[:count])
        progress.offset += count
        check()
    return progress.digest.hexdigest()


def _corrupt(detail: str) -> HalftoneError:
    return HalftoneError(ErrorCode.DATA_CORRUPT, detail)
