"""Versions whose files lie below one folder of the local disk. VersionFiles brings the files there."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.base import BLOCK_ROWS, ROW_NUMBER, Block, no_check
from halftone_compute.store.cells import CellReader
from halftone_compute.store.checksums import VerifiedFiles
from halftone_compute.store.columns import VersionColumns
from halftone_compute.store.files import FileIdentity, LocalFiles
from halftone_compute.store.manifest import corrupt, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_servicekit.tokens import Grant
    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.base import Cells, OpenVersion, Runs, TextColumn
    from halftone_compute.store.columns import MappedColumn
    from halftone_compute.store.files import VersionFiles
    from halftone_compute.store.index.entry import IndexEntry
    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.manifest import ColumnEntry
    from halftone_compute.store.pyramid.tiles import Pyramid

_MANIFEST_BYTES = 64 << 20


class LocalStore:
    """Store below `root`. At most `max_open` versions stay open; blocks already handed out stay readable."""

    def __init__(self, root: Path, max_open: int = 64, files: VersionFiles | None = None) -> None:
        self._root = root
        self._max_open = max_open
        self._files = LocalFiles() if files is None else files
        self._open: OrderedDict[str, tuple[FileIdentity, VersionColumns]] = OrderedDict()
        self._lock = threading.Lock()
        self._verified = VerifiedFiles()

    def open(self, grant: Grant) -> GrantedVersion:
        path = self._path(grant.manifest)
        try:
            identity = self._files.identity(path)
            version = self._cached(grant.manifest, identity) or self._load(grant.manifest, path, identity)
        except (FileNotFoundError, NotADirectoryError) as error:
            with self._lock:
                self._open.pop(grant.manifest, None)
            raise HalftoneError(ErrorCode.VERSION_GONE) from error
        if (version.manifest.dataset_id, version.manifest.version_id) != (grant.dataset_id, grant.version_id):
            raise corrupt("The manifest belongs to another version.")
        return GrantedVersion(version, grant)

    def forget(self, path: Path) -> None:
        """Drops the map of a file that was removed, so that the kernel frees its space."""
        with self._lock:
            versions = [version for _, version in self._open.values() if version.folder == path.parent]
        for version in versions:
            version.forget(path.name)

    def _path(self, relative: str) -> Path:
        root = self._root.resolve()
        if "\0" in relative or not (path := (root / relative).resolve()).is_relative_to(root):
            raise corrupt("The manifest lies outside the storage.")
        return path

    def _cached(self, key: str, identity: FileIdentity) -> VersionColumns | None:
        with self._lock:
            known = self._open.get(key)
            if known is None or known[0] != identity:
                return None
            self._open.move_to_end(key)
            return known[1]

    def _load(self, key: str, path: Path, identity: FileIdentity) -> VersionColumns:
        if identity[2] > _MANIFEST_BYTES:
            raise corrupt("The manifest of this version is damaged.")
        raw = self._files.manifest(path, _MANIFEST_BYTES)
        version = VersionColumns(load(raw), path.parent, self._verified, self._files)
        version.check_sizes()
        with self._lock:
            self._open[key] = (identity, version)
            self._open.move_to_end(key)
            while len(self._open) > self._max_open:
                self._open.popitem(last=False)
        return version


class GrantedVersion:
    """An open version, narrowed to the columns of one grant."""

    def __init__(self, version: VersionColumns, grant: Grant) -> None:
        self._version = version
        self._grant = grant
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

    @cached_property
    def index(self) -> GrantedIndex | None:
        entry = self._version.manifest.index
        if entry is None or not {entry.x, entry.y} <= self._entries.keys():
            return None
        return GrantedIndex(self._version, entry)

    @cached_property
    def sample(self) -> GrantedVersion | None:
        return None if self._version.sample is None else GrantedVersion(self._version.sample, self._grant)

    def blocks(
        self, columns: Sequence[str], runs: Runs | None, check: Callable[[], None] = no_check
    ) -> Iterator[Block]:
        mapped = {name: self._version.map(self._entry(name), check) for name in columns if name != ROW_NUMBER}
        if ROW_NUMBER in columns and (numbers := self._version.numbers(check)) is not None:
            mapped[ROW_NUMBER] = numbers
        return blocks_of(self, runs, mapped, is_numbered=ROW_NUMBER in columns)

    @property
    def is_in_file_order(self) -> bool:
        return self._version.manifest.index is None

    def labels_of(self, column: str, check: Callable[[], None] = no_check) -> Sequence[str | None]:
        return self._version.labels(self._entry(column), check)

    def texts_of(self, column: str, check: Callable[[], None] = no_check) -> TextColumn:
        entry = self._known(column)
        if entry.storage == "plain":
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "A text column is needed here.", field=column)
        return self._version.text(entry, check)

    def cells(
        self, columns: Sequence[str], places: np.ndarray, numbers: np.ndarray, check: Callable[[], None] = no_check
    ) -> Mapping[str, Cells]:
        reader = CellReader(self._version, places, numbers, check)
        return {name: reader.of(self._known(name)) for name in columns}

    def _entry(self, name: str) -> ColumnEntry:
        entry = self._known(name)
        if entry.storage != "plain":
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "Text columns cannot be drawn.", field=name)
        return entry

    def _known(self, name: str) -> ColumnEntry:
        entry = self._entries.get(name)
        if entry is None:
            raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=name)
        return entry


class GrantedIndex:
    """The index of an open version whose axes the grant allows. Its files are looked at once."""

    def __init__(self, version: VersionColumns, entry: IndexEntry) -> None:
        self._version = version
        self._entry = entry
        self._leaves: Leaves | None = None
        self._pyramid: Pyramid | None = None

    @property
    def x(self) -> str:
        return self._entry.x

    @property
    def y(self) -> str:
        return self._entry.y

    @property
    def offset(self) -> int:
        return self._entry.offset

    def leaves(self, check: Callable[[], None] = no_check) -> Leaves:
        if self._leaves is None:
            self._leaves = self._version.leaves(self._entry, check)
        return self._leaves

    def pyramid(self, check: Callable[[], None] = no_check) -> Pyramid:
        if self._pyramid is None:
            self._pyramid = self._version.pyramid(self._entry, check)
        return self._pyramid


def blocks_of(
    version: OpenVersion, runs: Runs | None, mapped: Mapping[str, MappedColumn], *, is_numbered: bool
) -> Iterator[Block]:
    """Blocks of mapped columns of a version, as `OpenVersion.blocks`; `is_numbered`: with the numbers of rows."""
    # What depends on a question shall be kept by no engine.
    kept_as = version.version_id if runs is None else ""
    for first, end in [(0, version.rows)] if runs is None else runs:
        for start in range(first, end, BLOCK_ROWS):
            yield _block(start, min(end, start + BLOCK_ROWS), mapped, kept_as, is_numbered=is_numbered)


def _block(start: int, stop: int, mapped: Mapping[str, MappedColumn], version: str, *, is_numbered: bool) -> Block:
    part = slice(start, stop)
    values = {name: column.values[part] for name, column in mapped.items()}
    if is_numbered:
        values[ROW_NUMBER] = _numbers(start, stop, values.get(ROW_NUMBER))
    return Block(
        start=start,
        values=values,
        valid={name: column.valid[part] for name, column in mapped.items() if column.valid is not None},
        version=version,
    )


def _numbers(start: int, stop: int, stored: np.ndarray | None) -> np.ndarray:
    """The numbers of rows `start` to `stop`, as a column: int64 of shape (stop - start,), read-only.

    Without an index rows lie in the order of the file, and none are stored.
    """
    numbers = np.arange(start, stop) if stored is None else stored.astype(np.int64)
    numbers.flags.writeable = False
    return numbers
