"""The coordinates of rows as the lattice takes them, read in chunks from the files of a version."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone_views.lattice import MAX_COORDINATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from halftone_compute.store.manifest import ColumnEntry

Pairs: TypeAlias = tuple[np.ndarray, np.ndarray]
CHUNK_ROWS = 1 << 18


@dataclass(frozen=True, slots=True)
class Axis:
    """A plain column of a version whose files lie in `folder`."""

    folder: Path
    column: ColumnEntry

    def read(self, start: int, count: int) -> np.ndarray:
        """float64 of shape (rows,), NaN for rows without a place: without a value, infinite, or beyond the lattice."""
        values, missing = _stored(self.folder, self.column, start, count)
        _clear(values, ~((values >= -MAX_COORDINATE) & (values < MAX_COORDINATE)), missing)
        return values


def chunks(rows: int) -> Iterator[tuple[int, int]]:
    """(first row, rows) of each chunk of a file."""
    for start in range(0, rows, CHUNK_ROWS):
        yield start, min(CHUNK_ROWS, rows - start)


def placed(xs: np.ndarray, ys: np.ndarray) -> Pairs:
    """The coordinates of those rows that have a place on both axes."""
    has_both = has_place(xs, ys)
    return (xs, ys) if has_both.all() else (xs[has_both], ys[has_both])


def has_place(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """bool of shape (rows,)."""
    has_both: np.ndarray = ~(np.isnan(xs) | np.isnan(ys))
    return has_both


def finite(folder: Path, column: ColumnEntry, start: int, count: int) -> np.ndarray:
    """float64 of shape (rows,): values of a plain column, NaN where there is none or an infinite one."""
    values, missing = _stored(folder, column, start, count)
    _clear(values, ~np.isfinite(values), missing)
    return values


def _stored(folder: Path, column: ColumnEntry, start: int, count: int) -> tuple[np.ndarray, np.ndarray | None]:
    """float64 of shape (rows,), and which rows have no value, if any may have none."""
    values = numbers(folder / column.files["values"].file, column.layout, start, count).astype(np.float64, copy=False)
    if "valid" not in column.files:
        return values, None
    return values, ~numbers(folder / column.files["valid"].file, "?", start, count)


def _clear(values: np.ndarray, *masks: np.ndarray | None) -> None:
    """NaN where one of the masks is set."""
    for mask in masks:
        if mask is not None and mask.any():
            values[mask] = np.nan


def numbers(path: Path, layout: str, start: int, count: int) -> np.ndarray:
    """A stretch of a file of numbers, whose NumPy type is `layout`. Raises OSError, also when there are fewer."""
    dtype = np.dtype(layout)
    found = np.fromfile(path, dtype, count, offset=start * dtype.itemsize)
    if len(found) != count:
        # NumPy keeps to itself that a disk could not be read.
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
    return found
