"""Writes a number or time column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone_views.columns import EXACT_INTEGERS, ColumnInfo

from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.write.files import ColumnFile, ValidityFile
from halftone_compute.ingest.write.labels import IntegerLabels
from halftone_compute.ingest.write.stats import NumberStats
from halftone_compute.ingest.write.values import micros, numbers
from halftone_compute.store.manifest import ColumnEntry

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.store.data_file import DataFile

_TIME = np.dtype("<i8")


class _PlainFiles:
    """Little-endian values, and a validity file where rows are null."""

    def __init__(self, folder: Path, place: int, budget: Budget) -> None:
        self.values = ColumnFile(folder, f"c{place:04d}.values", budget)
        self.valid = ValidityFile(folder, f"c{place:04d}.valid", budget)

    def add(self, values: np.ndarray, valid: np.ndarray | None) -> None:
        self.values.write(values)
        self.valid.add(len(values), valid)

    def finish(self) -> dict[str, DataFile]:
        return {"values": self.values.close(), **self.valid.finish()}


class NumberWriter:
    """A number column. One of integers with few values has them as labels too: views can use it as a category."""

    def __init__(self, folder: Path, place: int, column: SourceColumn, budget: Budget, sample: int) -> None:
        self._column = column
        self._stats = NumberStats(sample)
        self._labels = IntegerLabels() if np.dtype(column.layout).kind in "iu" else None
        self._files = _PlainFiles(folder, place, budget)

    def add(self, array: Cells) -> None:
        values, valid = numbers(array, self._column.layout)
        self._stats.add(values, valid)
        if self._labels is not None:
            self._labels.add(values if valid is None else values[valid])
        self._files.add(values, valid)

    def finish(self, top: int) -> ColumnEntry:
        del top
        stats = self._stats
        typical_min, typical_max = stats.typical
        info = ColumnInfo(
            name=self._column.name,
            type="number",
            dtype=self._column.dtype,
            min=stats.min,
            max=stats.max,
            nulls=stats.nulls,
            distinct=stats.distinct,
            categories=() if self._labels is None else self._labels.labels(stats.nulls),
            infinite=stats.infinite,
            typical_min=typical_min,
            typical_max=typical_max,
            least_positive=stats.least_positive,
        )
        return ColumnEntry(info, "plain", self._column.layout, self._files.finish())


class TimeWriter:
    """A time column: int64 microseconds, or milliseconds once a time lies outside of the years 1684 to 2255, beyond
    which float64 does not hold every microsecond.
    """

    def __init__(self, folder: Path, place: int, column: SourceColumn, budget: Budget, sample: int) -> None:
        self._column = column
        self._sample = sample
        self._stats = NumberStats(sample)
        self._out_of_range = 0
        self._files = _PlainFiles(folder, place, budget)

    def add(self, array: Cells) -> None:
        values, valid, out_of_range = micros(array)
        self._stats.add(values, valid)
        self._out_of_range += out_of_range
        self._files.add(values, valid)

    def finish(self, top: int) -> ColumnEntry:
        del top
        bounds = [bound for bound in (self._stats.min, self._stats.max) if bound is not None]
        unit: Literal["us", "ms"] = "us"
        if any(abs(bound) >= EXACT_INTEGERS for bound in bounds):
            unit = "ms"
            self._make_coarse()
        stats = self._stats
        typical_min, typical_max = stats.typical
        info = ColumnInfo(
            name=self._column.name,
            type="time",
            dtype=self._column.dtype,
            min=stats.min,
            max=stats.max,
            nulls=stats.nulls - self._out_of_range,
            distinct=stats.distinct,
            time_unit=unit,
            out_of_range=self._out_of_range,
            typical_min=typical_min,
            typical_max=typical_max,
        )
        return ColumnEntry(info, "plain", self._column.layout, self._files.finish())

    def _make_coarse(self) -> None:
        """Rewrites the values as milliseconds, and finds their statistics anew."""
        self._stats = NumberStats(self._sample)
        valid = self._files.valid.chunks()

        def coarse(values: np.ndarray) -> np.ndarray:
            made = values // 1_000
            self._stats.add(made, next(valid))
            return made

        self._files.values.rewrite(_TIME, coarse)


def plain_writer(
    folder: Path, place: int, column: SourceColumn, budget: Budget, sample: int
) -> NumberWriter | TimeWriter:
    """`sample` values are kept for the quantiles."""
    kind = TimeWriter if column.kind is Kind.TIME else NumberWriter
    return kind(folder, place, column, budget, sample)
