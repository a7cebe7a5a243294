"""Writes a number or time column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_views.columns import ColumnInfo

from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.write.files import ColumnFile, ValidityFile
from halftone_compute.ingest.write.stats import NumberStats
from halftone_compute.ingest.write.values import micros, numbers
from halftone_compute.store.manifest import ColumnEntry

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.limits import Budget


class PlainWriter:
    """A number or time column: little-endian values, and a validity file where rows are null."""

    def __init__(self, folder: Path, place: int, column: SourceColumn, budget: Budget) -> None:
        self._column = column
        self._stats = NumberStats()
        self._values = ColumnFile(folder, f"c{place:04d}.values", budget)
        self._valid = ValidityFile(folder, f"c{place:04d}.valid", budget)

    def add(self, array: Cells) -> None:
        if self._column.kind is Kind.TIME:
            values, valid = micros(array, self._column.name)
        else:
            values, valid = numbers(array, self._column.layout)
        self._stats.add(values, valid)
        self._values.write(values)
        self._valid.add(len(values), valid)

    def finish(self, top: int) -> ColumnEntry:
        del top
        stats = self._stats
        info = ColumnInfo(
            name=self._column.name,
            type="time" if self._column.kind is Kind.TIME else "number",
            dtype=self._column.dtype,
            min=stats.min,
            max=stats.max,
            nulls=stats.nulls,
            distinct=stats.distinct,
        )
        files = {"values": self._values.finish(), **self._valid.finish()}
        return ColumnEntry(info, "plain", self._column.layout, files)
