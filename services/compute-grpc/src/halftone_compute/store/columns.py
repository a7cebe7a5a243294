"""The columns of one version as memory maps.

Sizes are checked when a version is opened and again before a map is used: reading past the end of a truncated map is a
bus error, which no exception handler sees. A column's checksum is computed when it is first used.
"""

from __future__ import annotations

import mmap
import os
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.files import FileIdentity, identity_of
from halftone_compute.store.manifest import FILE_NAME, corrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from halftone_compute.store.checksums import VerifiedFiles
    from halftone_compute.store.files import VersionFiles
    from halftone_compute.store.manifest import ColumnEntry, DataFile, Manifest

_WAIT_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """`values` and, where there is a validity file, `valid`, both of shape (rows,) and read-only."""

    identities: tuple[FileIdentity, ...]
    values: np.ndarray
    valid: np.ndarray | None


class VersionColumns:
    """Maps the columns of the version whose manifest lies in `folder`. Any thread may call."""

    def __init__(self, manifest: Manifest, folder: Path, verified: VerifiedFiles, files: VersionFiles) -> None:
        self.manifest = manifest
        self.folder = folder
        self._verified = verified
        self._files = files
        self._mapped: dict[str, MappedColumn] = {}
        self._locks = {column.info.name: threading.Lock() for column in manifest.columns}

    def check_sizes(self) -> None:
        """Raises HalftoneError `data_corrupt`."""
        for column in self.manifest.columns:
            for file in column.files.values() if self._files.is_complete else ():
                self._stat(file)
            if column.storage == "plain":
                self._require_rows(column, "values", np.dtype(column.layout).itemsize)
                if "valid" in column.files:
                    self._require_rows(column, "valid", 1)

    def forget(self, name: str) -> None:
        """Drops the map of the file with this name."""
        for column in self.manifest.columns:
            if name in [file.file for file in column.files.values()]:
                self._mapped.pop(column.info.name, None)

    def map(self, column: ColumnEntry, check: Callable[[], None]) -> MappedColumn:
        """Raises HalftoneError `data_corrupt` or `version_gone`, and what `check` raises during a wait."""
        files = [column.files[role] for role in ("values", "valid") if role in column.files]
        try:
            return self._current(column, files, check)
        except HalftoneError as error:
            if error.code is not ErrorCode.DATA_CORRUPT or not self._files.refetch(self.folder, files):
                raise
        return self._current(column, files, check)

    def _current(self, column: ColumnEntry, files: Sequence[DataFile], check: Callable[[], None]) -> MappedColumn:
        # One thread verifies and the others wait for it, so that a column is hashed once however many views open it.
        with self._held(files, check), _acquired(self._locks[column.info.name], check):
            identities = tuple(self._stat(file) for file in files)
            known = self._mapped.get(column.info.name)
            if known is None or known.identities != identities:
                known = self._map(column, identities, check)
                self._mapped[column.info.name] = known
            return known

    def _map(
        self, column: ColumnEntry, identities: tuple[FileIdentity, ...], check: Callable[[], None]
    ) -> MappedColumn:
        values = self._array(column.files["values"], np.dtype(column.layout), check)
        valid = self._array(column.files["valid"], np.dtype(np.bool_), check) if "valid" in column.files else None
        return MappedColumn(identities, values, valid)

    @contextmanager
    def _held(self, files: Sequence[DataFile], check: Callable[[], None]) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(self._files.held(self.folder, files, check))
            except FileNotFoundError as error:
                raise self._missing() from error
            yield

    def _array(self, file: DataFile, dtype: np.dtype, check: Callable[[], None]) -> np.ndarray:
        with (self.folder / file.file).open("rb") as stream:
            self._verified.require(file, stream.fileno(), check)
            if file.bytes == 0:
                return np.empty(0, dtype)
            return np.frombuffer(mmap.mmap(stream.fileno(), file.bytes, access=mmap.ACCESS_READ), dtype)

    def _stat(self, file: DataFile) -> FileIdentity:
        try:
            found = os.stat(self.folder / file.file, follow_symlinks=False)
        except FileNotFoundError as error:
            raise self._missing() from error
        if found.st_size != file.bytes:
            raise corrupt("A file of this version has the wrong size.")
        return identity_of(found)

    def _missing(self) -> HalftoneError:
        """The error for a file that does not exist: the version was removed, or it is damaged."""
        try:
            self._files.identity(self.folder / FILE_NAME, is_fresh=True)
        except FileNotFoundError:
            return HalftoneError(ErrorCode.VERSION_GONE)
        return corrupt("A file of this version is missing.")

    def _require_rows(self, column: ColumnEntry, role: str, width: int) -> None:
        if column.files[role].bytes != self.manifest.rows * width:
            raise corrupt("A column does not have one value for each row.")


@contextmanager
def _acquired(lock: threading.Lock, check: Callable[[], None]) -> Iterator[None]:
    """Holds the lock; calls `check` while it waits for it."""
    while not lock.acquire(timeout=_WAIT_SECONDS):
        check()
    try:
        yield
    finally:
        lock.release()
