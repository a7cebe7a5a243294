"""Reads the cells of a column as its reading says; what does not fit is named, and null in the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.judge import durations
from halftone_compute.ingest.judge.epochs import epoch_times, is_epoch
from halftone_compute.ingest.judge.missing import labels, without_missing
from halftone_compute.ingest.judge.numbers import NumberStyle, fast, parsed
from halftone_compute.ingest.judge.times import ISO, fast_iso, form_named, parsed_times

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.reading import ColumnReading

_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Converted:
    """`array` has int64, float64, timestamps of microseconds, or text as a dictionary; null where a cell is missing or
    did not fit. `missing` counts the former, `bad` are the rows of the latter, int64.
    """

    array: Cells
    missing: int
    bad: np.ndarray


def converted(cells: Cells, column: ColumnReading, dtype: pa.DataType, style: NumberStyle) -> Converted:
    """Reads cells of text. `dtype` is what `ColumnJudge.dtype` says.

    Raises TypesDifferError for a fraction in a column of whole numbers.
    """
    if column.type == "category":
        made = labels(cells, column.missing)
        return Converted(made, made.null_count, _NONE)
    read = _times if column.type == "time" else _numbers
    quick = None if column.missing else _quick(cells, column, dtype, style)
    if quick is not None:
        return Converted(quick, 0, _NONE)
    cells = without_missing(cells, column.missing)
    values = _quick(cells, column, dtype, style)
    if values is None:
        values = read(cells, column, dtype, style)
    bad = np.flatnonzero(
        (values.is_null().to_numpy(zero_copy_only=False)) & cells.is_valid().to_numpy(zero_copy_only=False)
    )
    return Converted(values, cells.null_count, bad)


def _quick(cells: Cells, column: ColumnReading, dtype: pa.DataType, style: NumberStyle) -> Cells | None:
    """The values when every cell is written in the plainest way; None: look closer."""
    if column.type == "time":
        return fast_iso(cells) if column.format == ISO else None
    is_plain = not column.format and (style.decimal == "." or pa.types.is_integer(dtype))
    return fast(cells, dtype) if is_plain else None


def _numbers(cells: Cells, column: ColumnReading, dtype: pa.DataType, style: NumberStyle) -> Cells:
    if column.format == durations.FORMAT:
        return durations.seconds(cells)
    values = parsed(cells, style, column.format, dtype).values
    if pa.types.is_integer(dtype) and values.null_count > cells.null_count:
        real = parsed(cells, style, column.format, pa.float64()).values
        if real.null_count < values.null_count:
            raise TypesDifferError(column.name)
    return values


def _times(cells: Cells, column: ColumnReading, _: pa.DataType, style: NumberStyle) -> Cells:
    if is_epoch(column.format):
        whole, real = (parsed(cells, style, "", dtype).values for dtype in (pa.int64(), pa.float64()))
        return epoch_times(whole if whole.null_count <= real.null_count else real, column.format)
    form = form_named(column.format)
    if form is None:
        raise ValueError(f"{column.format!r} is no way to write times")
    return parsed_times(cells, form)
