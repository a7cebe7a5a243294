"""Writes the columns of a version, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.write.category import CategoryWriter
from halftone_compute.ingest.write.plain import PlainWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.store.manifest import ColumnEntry

_TOP = 256
# Labels of all columns together in the catalogue. The `labels` file of a column holds all of its own.
_TOP_OF_ALL = 8_192


class ColumnWriter(Protocol):
    """Writes a column's values in order. `finish` describes the column; it ranks categories, which may take long."""

    def add(self, array: Cells) -> None: ...

    def finish(self, top: int) -> ColumnEntry: ...


class VersionWriter:
    """All columns of one version, in files below `folder`."""

    def __init__(self, folder: Path, columns: Sequence[SourceColumn], budget: Budget) -> None:
        self._writers = [_writer(folder, place, column, budget) for place, column in enumerate(columns)]
        categories = sum(column.kind is Kind.CATEGORY for column in columns)
        self._top = min(_TOP, max(16, _TOP_OF_ALL // max(1, categories)))

    def add(self, arrays: Sequence[Cells]) -> None:
        """One batch: an array for each column, all of the same length."""
        for writer, array in zip(self._writers, arrays, strict=True):
            writer.add(array)

    def finish(self) -> tuple[ColumnEntry, ...]:
        return tuple(writer.finish(self._top) for writer in self._writers)


def _writer(folder: Path, place: int, column: SourceColumn, budget: Budget) -> ColumnWriter:
    if column.kind is Kind.CATEGORY:
        return CategoryWriter(folder, place, column, budget)
    return PlainWriter(folder, place, column, budget)
