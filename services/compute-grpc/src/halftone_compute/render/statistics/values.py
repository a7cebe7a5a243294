"""The rows of a job that lie in its cells and have a value: the cell of each, and its value as a key."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from halftone_compute.backends.base import FreeRegion
from halftone_compute.backends.datashader_axis import scale_and_translate
from halftone_compute.render import axes
from halftone_compute.render.read.rows import kept
from halftone_compute.render.statistics.kernels import float_keys, free_cells, lattice_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.cut import Region
    from halftone_compute.render.job import RenderJob

_SIGN = np.uint64(1 << 63)


class CellValues(NamedTuple):
    """`cells` int64, `keys` uint64, both of shape (rows,): -1 is the cell of rows outside, and of those without a
    finite value. The order of keys is that of values, and equal values have one key.
    """

    cells: np.ndarray
    keys: np.ndarray


class ValuesOf:
    """Reads the values of a job, in cells of a region of one row; with `mapping` in the cell that it has for each, -1:
    none.
    """

    def __init__(self, job: RenderJob, region: Region, cancel: Cancel, mapping: np.ndarray | None = None) -> None:
        self.cells = region.width if mapping is None else int(mapping.max(initial=-1)) + 1
        self.rows = 0
        self.dtype = np.dtype(np.float64)
        self._job, self._region, self._cancel, self._mapping = job, region, cancel, mapping

    def __iter__(self) -> Iterator[CellValues]:
        """One pass. Raises HalftoneError `cancelled`, or what the store raises."""
        job, value = self._job, self._job.plan.value
        placed = axes.transformed(job.plan, job.version.columns)
        columns = axes.stored((axes.name_of(job.plan.x), value), placed)
        if job.row_filter is not None:
            columns = tuple(dict.fromkeys((*columns, *job.row_filter.columns)))
        for block in job.version.blocks(columns, None, self._cancel.check):
            self._cancel.check()
            rows = axes.added(block if job.row_filter is None else kept(block, job.row_filter), placed)
            values = rows.values[value]
            self.dtype = values.dtype
            self.rows += len(values)
            x = axes.name_of(job.plan.x)
            cells = self._cells(rows.values[x], rows.valid.get(x))
            if values.dtype.kind == "f":
                cells[~np.isfinite(values)] = -1
            if value in rows.valid:
                cells[~rows.valid[value]] = -1
            yield CellValues(cells, keys_of(values))

    def _cells(self, at: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
        """int64 of shape (rows,), -1 for rows outside."""
        found = cells_of(at.astype(np.float64), self._region)
        if valid is not None:
            found[~valid] = -1
        return found if self._mapping is None else np.where(found >= 0, self._mapping[found], -1)


def cells_of(at: np.ndarray, region: Region) -> np.ndarray:
    """int64 of shape (rows,): the cell of each place in a region of one row, -1 outside: exact floors on the lattice,
    Datashader's formula in a free viewport.
    """
    found = np.empty(len(at), np.int64)
    if isinstance(region, FreeRegion):
        scale, translate = scale_and_translate((region.x0, region.x1), region.width)
        free_cells(at, region.x0, region.x1, scale, translate, region.width, found)
    else:
        lattice_cells(at, math.ldexp(1.0, -region.ex), region.first_x, region.width, found)
    return found


def keys_of(values: np.ndarray) -> np.ndarray:
    """uint64 of shape (values,), in the order of finite values."""
    if values.dtype.kind == "u":
        return values.astype(np.uint64)
    if values.dtype.kind == "i":
        return values.astype(np.int64).view(np.uint64) ^ _SIGN
    # Both zeros are one.
    bits = (values.astype(np.float64) + 0.0).view(np.uint64)
    float_keys(bits, bits)
    return bits


def values_of(keys: np.ndarray, dtype: np.dtype[np.generic]) -> np.ndarray:
    """float64 of shape (keys,): the values of keys of a type."""
    if dtype.kind == "u":
        return keys.astype(np.float64)
    if dtype.kind == "i":
        return (keys ^ _SIGN).view(np.int64).astype(np.float64)
    return np.where(keys & _SIGN, keys ^ _SIGN, ~keys).view(np.float64)
