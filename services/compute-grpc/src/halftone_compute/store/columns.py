"""The columns of one version as memory maps.

Sizes are checked when a version is opened and again before a map is used: reading past the end of a truncated map is a
bus error, which no exception handler sees. A column's checksum is computed when it is first used.
"""

from __future__ import annotations

import json
import mmap
import os
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.base import TextColumn
from halftone_compute.store.files import FileIdentity, identity_of
from halftone_compute.store.index.entry import DIRECTORY
from halftone_compute.store.index.leaves import leaves_of
from halftone_compute.store.manifest import FILE_NAME, corrupt
from halftone_compute.store.pyramid.tiles import Pyramid
from halftone_compute.store.sample import numbers_of, numbers_of_sample, sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_compute.store.checksums import VerifiedFiles
    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.files import VersionFiles
    from halftone_compute.store.index.entry import IndexEntry
    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.manifest import ColumnEntry, Manifest

Arrays: TypeAlias = "Mapping[str, np.ndarray]"
# By role: the file, and what it is an array of.
Parts: TypeAlias = "Mapping[str, tuple[DataFile, np.dtype[Any]]]"
Made = TypeVar("Made")

_WAIT_SECONDS = 0.02
# What is mapped of an index, under names that no column can have.
_NUMBERS, _LEAVES, _PYRAMID = _OF_INDEX = ("\0numbers", "\0leaves", "\0pyramid")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """`values` and, where there is a validity file, `valid`, both of shape (rows,) and read-only."""

    values: np.ndarray
    valid: np.ndarray | None


class VersionColumns:
    """Maps the columns of the version whose manifest lies in `folder`. Any thread may call."""

    def __init__(
        self,
        manifest: Manifest,
        folder: Path,
        verified: VerifiedFiles,
        files: VersionFiles,
        numbers: tuple[DataFile, np.dtype[Any]] | None = None,
    ) -> None:
        """`numbers`: the file with the number that each row has in the source, without an index that has one."""
        self.manifest = manifest
        self.folder = folder
        self.sample: VersionColumns | None = None
        if (sample := manifest.sample) is not None:
            of_sample = numbers_of_sample(manifest, sample)
            self.sample = VersionColumns(sampled(manifest, sample), folder, verified, files, of_sample)
        self._numbers = numbers_of(manifest) if numbers is None else numbers
        self._verified = verified
        self._files = files
        # What is mapped under a name, with the files that it was made of.
        self._mapped: dict[str, tuple[tuple[FileIdentity, ...], Any]] = {}
        names = [column.info.name for column in manifest.columns]
        self._locks = {name: threading.Lock() for name in (*names, *map(_labels_of, names), *_OF_INDEX)}

    def check_sizes(self) -> None:
        """Raises HalftoneError `data_corrupt`."""
        for file in self.manifest.files if self._files.is_complete else ():
            self._stat(file)
        for column in self.manifest.columns:
            if column.storage == "plain":
                self._require_rows(column, "values", np.dtype(column.layout).itemsize)
                if "valid" in column.files:
                    self._require_rows(column, "valid", 1)
        if self._numbers is not None and self._numbers[0].bytes != self.manifest.rows * self._numbers[1].itemsize:
            raise corrupt("Not every row has its number.")
        if self.sample is not None:
            self.sample.check_sizes()

    def forget(self, name: str) -> None:
        """Drops the map of the file with this name."""
        for column in self.manifest.columns:
            if name in [file.file for file in column.files.values()]:
                self._mapped.pop(column.info.name, None)
                self._mapped.pop(_labels_of(column.info.name), None)
        if self.manifest.index is not None and name in [file.file for file in self.manifest.index.files.values()]:
            for known in _OF_INDEX:
                self._mapped.pop(known, None)
        if self._numbers is not None and name == self._numbers[0].file:
            self._mapped.pop(_NUMBERS, None)
        if self.sample is not None:
            self.sample.forget(name)

    def map(self, column: ColumnEntry, check: Callable[[], None]) -> MappedColumn:
        """Raises HalftoneError `data_corrupt` or `version_gone`, and what `check` raises during a wait."""
        dtypes = {"values": np.dtype(column.layout), "valid": np.dtype(np.bool_)}
        parts = {role: (column.files[role], dtype) for role, dtype in dtypes.items() if role in column.files}
        return self._opened(column.info.name, parts, check, _mapped_column)

    def text(self, column: ColumnEntry, check: Callable[[], None]) -> TextColumn:
        """A column of text, whose rows lie in the order of the file. Raises as `map`."""
        dtypes: dict[str, np.dtype[Any]] = {
            "offsets": np.dtype("<i8"),
            "values": np.dtype(np.uint8),
            "valid": np.dtype(np.bool_),
        }
        parts = {role: (column.files[role], dtype) for role, dtype in dtypes.items() if role in column.files}
        found = self._opened(column.info.name, parts, check, _text_column)
        if len(found.offsets) != self.manifest.rows + 1:
            raise corrupt("A column does not have one value for each row.")
        return found

    def labels(self, column: ColumnEntry, check: Callable[[], None]) -> list[str | None]:
        """The label of each code of a category. Raises as `map`."""
        if "labels" not in column.files:
            return [label for label, _ in column.info.categories]
        parts = {"labels": (column.files["labels"], np.dtype(np.uint8))}
        return self._opened(_labels_of(column.info.name), parts, check, _labels)

    def numbers(self, check: Callable[[], None]) -> MappedColumn | None:
        """The number that each row has in the file, as a column; None: that of its place. Raises as `map`."""
        if self._numbers is None:
            return None
        return self._opened(_NUMBERS, {"values": self._numbers}, check, _mapped_column)

    def leaves(self, entry: IndexEntry, check: Callable[[], None]) -> Leaves:
        """Raises as `map`."""
        parts = {"starts": (entry.files["starts"], np.dtype("<u8")), "zones": (entry.files["zones"], np.dtype("<f8"))}
        return self._opened(_LEAVES, parts, check, lambda arrays: leaves_of(entry, **arrays))

    def pyramid(self, entry: IndexEntry, check: Callable[[], None]) -> Pyramid:
        """Raises as `map`."""
        parts = {"directory": (entry.files["directory"], DIRECTORY), "data": (entry.files["tiles"], np.dtype(np.uint8))}
        return self._opened(_PYRAMID, parts, check, lambda arrays: Pyramid(entry.offset, **arrays))

    def _opened(self, name: str, parts: Parts, check: Callable[[], None], made: Callable[[Arrays], Made]) -> Made:
        """What is made of files, once while they stay the same. Raises as `map`."""
        files = [file for file, _ in parts.values()]
        try:
            return self._current(name, parts, check, made)
        except HalftoneError as error:
            if error.code is not ErrorCode.DATA_CORRUPT or not self._files.refetch(self.folder, files):
                raise
        return self._current(name, parts, check, made)

    def _current(self, name: str, parts: Parts, check: Callable[[], None], made: Callable[[Arrays], Made]) -> Made:
        files = [file for file, _ in parts.values()]
        # One thread verifies and the others wait for it, so that a file is hashed once however many views open it.
        with self._held(files, check), _acquired(self._locks[name], check):
            identities = tuple(self._stat(file) for file in files)
            known = self._mapped.get(name)
            if known is None or known[0] != identities:
                arrays = {role: self._array(file, dtype, check) for role, (file, dtype) in parts.items()}
                known = self._mapped[name] = (identities, made(arrays))
            found: Made = known[1]
            return found

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


def _mapped_column(arrays: Arrays) -> MappedColumn:
    return MappedColumn(arrays["values"], arrays.get("valid"))


def _text_column(arrays: Arrays) -> TextColumn:
    return TextColumn(arrays["offsets"], arrays["values"], arrays.get("valid"))


def _labels(arrays: Arrays) -> list[str | None]:
    return [label for label, _ in json.loads(arrays["labels"].tobytes())]


def _labels_of(column: str) -> str:
    """What the labels of a column are mapped under."""
    return f"\0labels of {column}"


@contextmanager
def _acquired(lock: threading.Lock, check: Callable[[], None]) -> Iterator[None]:
    """Holds the lock; calls `check` while it waits for it."""
    while not lock.acquire(timeout=_WAIT_SECONDS):
        check()
    try:
        yield
    finally:
        lock.release()
