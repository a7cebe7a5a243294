"""Writes the columns of a version, batch by batch."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.write.category import CategoryWriter
from halftone_compute.ingest.write.plain import plain_writer
from halftone_compute.parallel import in_order, threads_to_use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.store.manifest import ColumnEntry

_TOP = 256
# Labels of all columns together in the catalogue. The `labels` file of a column holds all of its own.
_TOP_OF_ALL = 8_192
# Values kept of a column for its quantiles, and of all columns: 64 MiB.
_SAMPLE = 50_000
_SAMPLE_OF_ALL = 4 << 20
# Of a batch, for columns to be written by several threads.
_ROWS_FOR_THREADS = 1 << 15
_NO_UNITS: Mapping[str, str] = MappingProxyType({})
_ALL_READ: Mapping[str, int] = MappingProxyType({})


class ColumnWriter(Protocol):
    """Writes a column's values in order. `finish` describes the column; it ranks categories, which may take long."""

    def add(self, array: Cells) -> None: ...

    def finish(self, top: int) -> ColumnEntry: ...


class VersionWriter:
    """All columns of one version, in files below `folder`."""

    def __init__(self, folder: Path, columns: Sequence[SourceColumn], budget: Budget) -> None:
        sample = min(_SAMPLE, _SAMPLE_OF_ALL // max(1, len(columns)))
        self._writers = [_writer(folder, place, column, budget, sample) for place, column in enumerate(columns)]
        categories = sum(column.kind is Kind.CATEGORY for column in columns)
        self._top = min(_TOP, max(16, _TOP_OF_ALL // max(1, categories)))

    def add(self, arrays: Sequence[Cells]) -> None:
        """One batch: an array for each column, all of the same length."""
        pairs = list(zip(self._writers, arrays, strict=True))
        # Threads would wait for each other in what little there is to do for few rows.
        threads = threads_to_use() if pairs and len(arrays[0]) >= _ROWS_FOR_THREADS else 1
        for _ in in_order(_add_each, [pairs[first::threads] for first in range(threads)], threads):
            pass

    def finish(
        self, units: Mapping[str, str] = _NO_UNITS, unreadable: Mapping[str, int] = _ALL_READ
    ) -> tuple[ColumnEntry, ...]:
        """The columns. `units` and `unreadable` are by column name: the unit of its values, and how many of its cells,
        null in the arrays, hold what does not fit its type.
        """
        return tuple(_described(writer.finish(self._top), units, unreadable) for writer in self._writers)


def _add_each(pairs: Sequence[tuple[ColumnWriter, Cells]]) -> None:
    for writer, array in pairs:
        writer.add(array)


def _described(entry: ColumnEntry, units: Mapping[str, str], unreadable: Mapping[str, int]) -> ColumnEntry:
    info = entry.info
    # A preview may write fewer rows than its reader has read.
    count = min(info.nulls, unreadable.get(info.name, 0))
    return replace(entry, info=replace(info, unit=units.get(info.name, ""), nulls=info.nulls - count, unreadable=count))


def _writer(folder: Path, place: int, column: SourceColumn, budget: Budget, sample: int) -> ColumnWriter:
    if column.kind is Kind.CATEGORY:
        return CategoryWriter(folder, place, column, budget)
    return plain_writer(folder, place, column, budget, sample)
