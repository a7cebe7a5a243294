"""What lies in a region, column by column: values that are there and that are not, their ends, mean and quantiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import rows_pb2

from halftone_compute.rows.best import Best, RowKeys
from halftone_compute.rows.chosen import Chosen
from halftone_compute.store.base import ROW_NUMBER

if TYPE_CHECKING:
    from halftone_views.columns import ColumnInfo

    from halftone_compute.backends.base import Cancel
    from halftone_compute.rows.question import RowsQuestion
    from halftone_compute.store.base import Block, Cells

# Quantiles are exact for as many rows, else of a random sample of them.
KEPT_ROWS = 1 << 18
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
TOP = 20


class ColumnCount:
    """Counts the cells of one number or time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._summary = rows_pb2.ColumnSummary(name=name)
        # Of each block, and of how many values.
        self._means: list[tuple[float, int]] = []

    def add(self, block: Block, mask: np.ndarray) -> None:
        values = block.values[self.name][mask]
        there = np.ones(len(values), np.bool_)
        if self.name in block.valid:
            there = block.valid[self.name][mask]
        if values.dtype.kind == "f":
            there &= ~np.isnan(values)
        finite = values[there].astype(np.float64)
        finite = finite[np.isfinite(finite)]
        summary, count = self._summary, int(there.sum())
        summary.missing += len(values) - count
        summary.infinite += count - len(finite)
        summary.count += len(finite)
        if len(finite):
            low, high = float(finite.min()), float(finite.max())
            summary.min = min(low, summary.min) if summary.HasField("min") else low
            summary.max = max(high, summary.max) if summary.HasField("max") else high
            # A sum of large numbers may leave float64; their mean does not.
            self._means.append((float((finite / len(finite)).sum()), len(finite)))

    def summary(self, cells: Cells, column: ColumnInfo) -> rows_pb2.ColumnSummary:
        """What was counted, with the quantiles of the cells of some rows."""
        del column
        values = cells.values[cells.valid].astype(np.float64)
        values = values[np.isfinite(values)]
        if self._summary.count:
            self._summary.mean = math.fsum(mean * (count / self._summary.count) for mean, count in self._means)
        if len(values):
            with np.errstate(over="ignore"):
                self._summary.quantiles.extend(np.quantile(values, QUANTILES).tolist())
        return self._summary


class LabelsCount:
    """Counts the labels of one category; `labels` by code."""

    def __init__(self, name: str, labels: list[str | None]) -> None:
        self.name = name
        self._labels = labels
        self._counts = np.zeros(len(labels), np.int64)

    def add(self, block: Block, mask: np.ndarray) -> None:
        self._counts += np.bincount(block.values[self.name][mask], minlength=len(self._counts))

    def summary(self, cells: Cells, column: ColumnInfo) -> rows_pb2.ColumnSummary:
        """What was counted; equally frequent labels as they stand in the version."""
        del cells, column
        summary = rows_pb2.ColumnSummary(name=self.name)
        for code in np.argsort(-self._counts, kind="stable").tolist():
            label, count = self._labels[code], int(self._counts[code])
            if label is None:
                summary.missing += count
                continue
            summary.count += count
            if count and len(summary.top) < TOP:
                summary.top.add(label=label, count=count)
        return summary


def summary_of(question: RowsQuestion, cancel: Cancel) -> rows_pb2.RegionSummary:
    """The rows that match a question, by its columns, of which none is a text. Raises as `page_of`."""
    version, chosen = question.version, Chosen(question)
    counts: list[ColumnCount | LabelsCount] = [
        LabelsCount(name, list(version.labels_of(name, cancel.check)))
        if version.columns[name].type == "category"
        else ColumnCount(name)
        for name in question.columns
    ]
    best = Best(KEPT_ROWS)
    columns = tuple(dict.fromkeys((*chosen.columns, *question.columns, ROW_NUMBER)))
    for block in version.blocks(columns, chosen.runs(cancel.check), cancel.check):
        cancel.check()
        numbers = block.values[ROW_NUMBER]
        mask = chosen.mask(block)
        mask = np.ones(len(numbers), np.bool_) if mask is None else mask
        at = np.flatnonzero(mask)
        best.add(RowKeys(_mixed(numbers[at]), numbers[at], at + block.start))
        for count in counts:
            cancel.check()
            count.add(block, mask)
    rows = best.rows()
    cells = version.cells(question.columns, rows.places, rows.numbers, cancel.check)
    return rows_pb2.RegionSummary(
        matching=best.count,
        columns=[count.summary(cells[count.name], version.columns[count.name]) for count in counts],
        quantile_share=len(rows.keys) / best.count if best.count else 1.0,
    )


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """uint64 of shape (rows,): numbers of rows so mixed that the least of them are a random sample of the rows.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    """
    mixed = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
