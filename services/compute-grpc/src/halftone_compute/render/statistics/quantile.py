"""Exact quantiles of each cell in little memory: each pass counts the next digits of keys that begin as they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.render.statistics.kernels import begin_as, count_digits
from halftone_compute.render.statistics.values import values_of

if TYPE_CHECKING:
    from halftone_compute.render.statistics.values import ValuesOf

# Counters of all cells together: 32 MiB.
_COUNTERS = 1 << 22
_LEAST_BITS, _MOST_BITS = 8, 16
# So many keys are sorted rather than counted on.
KEPT_KEYS = 1 << 21


def quantiles(passes: ValuesOf, share: float) -> np.ndarray:
    """float64 of shape (cells,): the least value that at least `share` of the values of a cell do not exceed, 0 where
    it has none. Goes through all values a few times: fewer where they are close to each other, or few.
    """
    cells = passes.cells
    counts, low, high = _counted(passes)
    if low > high:
        return np.zeros(cells)
    # Rounding of share * count is none of the count: a little more than a whole number is that number.
    places = np.maximum(np.ceil(counts * share * (1 - 2.0**-50)) - 1, 0).astype(np.int64)
    bits = (high - low).bit_length()
    step = min(max(int(math.log2(_COUNTERS / cells)), _LEAST_BITS), _MOST_BITS)
    prefixes, above = np.zeros(cells, np.uint64), bits
    while above:
        shift = max(above - step, 0)
        digits = np.zeros((cells, 1 << (above - shift)), np.int64)
        for found in passes:
            at = 64 if above == bits else above
            count_digits(found.cells, found.keys - np.uint64(low), prefixes, at, shift, digits)
        ends = np.cumsum(digits, axis=1)
        digit = np.minimum((ends <= places[:, np.newaxis]).sum(axis=1), digits.shape[1] - 1)
        near = digits[np.arange(cells), digit]
        places = places - (ends[np.arange(cells), digit] - near)
        prefixes = (prefixes << np.uint64(above - shift)) | digit.astype(np.uint64)
        above = shift
        if above and near.sum() <= KEPT_KEYS:
            prefixes, above = _sorted(passes, low, prefixes, above, places), 0
    return np.where(counts > 0, values_of(prefixes + np.uint64(low), passes.dtype), 0.0)


def _counted(passes: ValuesOf) -> tuple[np.ndarray, int, int]:
    """The values of each cell, int64 of shape (cells,), and the least and the greatest key; no value: the greatest is
    less.
    """
    counts, low, high = np.zeros(passes.cells, np.int64), 2**64 - 1, 0
    for found in passes:
        inside = found.cells >= 0
        counts += np.bincount(found.cells[inside], minlength=passes.cells)
        if inside.any():
            low = min(low, int(found.keys.min(where=inside, initial=2**64 - 1)))
            high = max(high, int(found.keys.max(where=inside, initial=0)))
    return counts, low, high


def _sorted(passes: ValuesOf, low: int, prefixes: np.ndarray, above: int, places: np.ndarray) -> np.ndarray:
    """uint64 of shape (cells,): the keys, less `low`, at these places among those that begin with the prefixes."""
    near: list[tuple[np.ndarray, np.ndarray]] = []
    for found in passes:
        keys, chosen = found.keys - np.uint64(low), np.empty(len(found.keys), np.bool_)
        begin_as(found.cells, keys, prefixes, above, chosen)
        near.append((found.cells[chosen], keys[chosen]))
    cells, keys = (np.concatenate(parts) for parts in zip(*near, strict=True))
    order = np.lexsort((keys, cells))
    starts = np.searchsorted(cells[order], np.arange(passes.cells))
    at = np.minimum(starts + places, len(keys) - 1)
    made: np.ndarray = keys[order][at]
    return made
