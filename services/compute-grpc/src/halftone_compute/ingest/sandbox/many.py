"""Many files of one shape as one table: one after the other, in the order of their names."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import Kind, SourceColumn
from halftone_compute.ingest.format import Batch
from halftone_compute.ingest.reading import KEPT_CELLS, Reading, ReadingWarning, Unreadable, Wishes
from halftone_compute.ingest.source import files_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.format import Opener, Reader
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.store.manifest import Skipped

_MOST = 4_096
_WARNINGS = 50
# What later files have in common with the first; encoding and lines above the header are each file's own.
_MARKS = ("delimiter", "quote", "escape", "decimal", "header", "sheet")
_COLUMN = ("name", "type", "format", "unit", "missing", "leave_out")


class ManyReader:
    """The first file says which columns there are and of which types; the others must have the same.

    All are opened at once, so that a file of another shape is refused, by name, before a row is read. Raises
    HalftoneError `empty_file`, `type_mismatch` with the file's name, and what the format raises.
    """

    def __init__(self, open: Opener, folder: Path, budget: Budget, wishes: Wishes, *, whole: bool) -> None:
        paths = files_of(folder)
        if not paths:
            raise HalftoneError(ErrorCode.EMPTY_FILE, "The folder holds no file.")
        if len(paths) > _MOST:
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, f"It holds more than {_MOST:,} files.")
        self._names = [path.relative_to(folder).as_posix() for path in paths]
        self._bytes = [path.stat().st_size for path in paths]
        first = open(paths[0], budget, wishes, whole=whole)
        self._readers: list[Reader] = [first]
        for name, path in zip(self._names[1:], paths[1:], strict=True):
            self._readers.append(_opened(open, path, name, first.reading, budget, whole=whole))
        self.columns = tuple(map(_widest, zip(*map(self._in_order, self._readers), strict=True)))

    @property
    def reading(self) -> Reading:
        """That of the first file; what is said of the others names them."""
        first = self._readers[0].reading
        others = [
            ReadingWarning(warning.code, f"{name}: {warning.text}", warning.column)
            for name, reader in zip(self._names[1:], self._readers[1:], strict=True)
            for warning in reader.reading.warnings
            if warning not in first.warnings
        ]
        return replace(first, warnings=(*first.warnings, *others[:_WARNINGS]))

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return self._readers[0].skipped

    @property
    def rows_total(self) -> int | None:
        totals = [reader.rows_total for reader in self._readers]
        return None if None in totals else sum(total or 0 for total in totals)

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        """Lines count within each file."""
        found: dict[str, Unreadable] = {}
        for reader in self._readers:
            for name, more in reader.unreadable.items():
                known = found.get(name, Unreadable())
                found[name] = Unreadable(known.count + more.count, (*known.cells, *more.cells)[:KEPT_CELLS])
        return found

    def batches(self) -> Iterator[Batch]:
        before = 0
        for name, size, reader in zip(self._names, self._bytes, self._readers, strict=True):
            places = {column.name: place for place, column in enumerate(reader.columns)}
            order = [places[column.name] for column in self.columns]
            for batch in reader.batches():
                arrays = [
                    _fitted(batch.arrays[place], column, name)
                    for place, column in zip(order, self.columns, strict=True)
                ]
                yield Batch(batch.rows, arrays, before + batch.bytes_read)
            before += size

    def _in_order(self, reader: Reader) -> Sequence[SourceColumn]:
        """The columns of a file in the order of the first one's."""
        by_name = {column.name: column for column in reader.columns}
        return [by_name[column.name] for column in self._readers[0].columns]


def _opened(open: Opener, path: Path, name: str, first: Reading, budget: Budget, *, whole: bool) -> Reader:
    try:
        reader = open(path, budget, _wishes_of(first), whole=whole)
    except HalftoneError as error:
        code = ErrorCode.TYPE_MISMATCH if error.code == ErrorCode.PARAM_INVALID else error.code
        raise HalftoneError(code, f"{name}: {error.detail}") from error
    wanted = {column.source for column in first.columns}
    found = {column.source for column in reader.reading.columns}
    if found != wanted:
        more, less = sorted(found - wanted), sorted(wanted - found)
        said = f"it has a column {more[0]}, and others have none" if more else f"it has no column {less[0]}"
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, f"{name}: {said}."[:1000])
    kinds = {column.name: column.type for column in first.columns if not column.leave_out}
    for column in reader.reading.columns:
        if not column.leave_out and kinds.get(column.name) != column.type:
            detail = f"{name}: {column.name} is a {column.type}, and in the first file a {kinds.get(column.name)}."
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, detail[:1000])
    return reader


def _wishes_of(reading: Reading) -> Wishes:
    """A reading as wishes that must hold."""
    dialect = asdict(reading.dialect) if reading.dialect is not None else {}
    marks = {key: dialect[key] for key in _MARKS if dialect.get(key) not in (None, "")}
    columns: dict[str, dict[str, Any]] = {}
    for column in reading.columns:
        kept = {key: getattr(column, key) for key in _COLUMN}
        columns[column.source] = {**kept, "missing": list(column.missing)}
    return Wishes(marks, columns, firm=True)


def _widest(columns: Sequence[SourceColumn]) -> SourceColumn:
    """The column that holds the values of all: numbers with fractions in one file have them in all."""
    first = columns[0]
    layouts = {column.layout for column in columns}
    if first.kind is not Kind.NUMBER or len(layouts) == 1:
        return first
    return replace(first, dtype="double", layout="<f8")


def _fitted(array: Cells, column: SourceColumn, name: str) -> Cells:
    if column.kind is not Kind.NUMBER or column.layout != "<f8" or not pa.types.is_integer(array.type):
        return array
    try:
        return pc.cast(array, pa.float64())
    except pa.ArrowInvalid as error:
        detail = f"{name}: {column.name} holds whole numbers that a column with fractions can not hold."
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, detail) from error
