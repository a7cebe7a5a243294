"""Compiled loops of the sort: keys of rows, the order of keys, the rows of a chunk by part, and rows in an order."""

from typing import Any

import numpy as np
from numba import njit

from halftone_compute.backends.cpu.kernels import cell

Array = np.ndarray[Any, np.dtype[Any]]

_DIGIT = 11
_DIGITS = 1 << _DIGIT
# Bits of a key that one sort tells apart.
SORT_BITS = 2 * _DIGIT


@njit(nogil=True, cache=True)
def _spread(value: int) -> np.uint64:
    """The low 32 bits of a number, a zero bit behind each (the usual steps of Morton codes)."""
    bits = np.uint64(value)
    bits = (bits | (bits << np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    bits = (bits | (bits << np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    bits = (bits | (bits << np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    bits = (bits | (bits << np.uint64(2))) & np.uint64(0x3333333333333333)
    return (bits | (bits << np.uint64(1))) & np.uint64(0x5555555555555555)


@njit(nogil=True, cache=True)
def keys(
    xs: Array,
    lift_x: float,
    per_x: float,
    split_x: float,
    two_x: bool,
    ys: Array,
    lift_y: float,
    per_y: float,
    split_y: float,
    two_y: bool,
    bits: int,
    x_first: bool,
    out: Array,
) -> None:
    """Morton keys: which block of x and y, then the bits of the cell within its block, y before x."""
    block = np.ldexp(1.0, bits)
    shift = np.uint64(2 * bits)
    for i in range(xs.shape[0]):
        x = cell(xs[i] * lift_x, per_x, split_x)
        y = cell(ys[i] * lift_y, per_y, split_y)
        upper_x = two_x & (x >= 0.0)
        upper_y = two_y & (y >= 0.0)
        if two_x & (x < 0.0):
            x += block
        if two_y & (y < 0.0):
            y += block
        top = np.uint64(upper_x) * np.uint64(2) + np.uint64(upper_y)
        if not x_first:
            top = np.uint64(upper_y) * np.uint64(2) + np.uint64(upper_x)
        low = (_spread(int(y)) << np.uint64(1)) | _spread(int(x))
        out[i] = (top << shift) | low


@njit(nogil=True, cache=True)
def pack(keys: Array, shift: int) -> None:
    """Replaces each key by its bits from `shift` on, at most 32, and its place in the low 32 bits."""
    for i in range(keys.shape[0]):
        keys[i] = (keys[i] >> np.uint64(shift)) << np.uint64(32) | np.uint64(i)


@njit(nogil=True, cache=True)
def sort(packed: Array, spare: Array) -> bool:
    """Sorts by bits 32 to 53, SORT_BITS, stable. Returns whether the result lies in the spare array."""
    low, high = np.uint64(32), np.uint64(32 + _DIGIT)
    counts = np.zeros((2, _DIGITS), np.int64)
    mask = np.uint64(_DIGITS - 1)
    for i in range(packed.shape[0]):
        counts[0, (packed[i] >> low) & mask] += 1
        counts[1, (packed[i] >> high) & mask] += 1
    in_spare = False
    if counts[0].max() < packed.shape[0]:
        _by_digit(packed, spare, low, counts[0])
        in_spare = True
    if counts[1].max() < packed.shape[0]:
        if in_spare:
            _by_digit(spare, packed, high, counts[1])
        else:
            _by_digit(packed, spare, high, counts[1])
        in_spare = not in_spare
    return in_spare


@njit(nogil=True, cache=True)
def _by_digit(packed: Array, out: Array, shift: np.uint64, counts: Array) -> None:
    mask = np.uint64(_DIGITS - 1)
    start = 0
    for digit in range(_DIGITS):
        count = counts[digit]
        counts[digit] = start
        start += count
    for i in range(packed.shape[0]):
        digit = (packed[i] >> shift) & mask
        place = counts[digit]
        counts[digit] = place + 1
        out[place] = packed[i]


@njit(nogil=True, cache=True)
def group(values: Array, groups: Array, places: Array, out: Array) -> None:
    """Puts each value behind those of its group; `places` has where the next of each group goes, and is moved on."""
    for i in range(values.shape[0]):
        place = places[groups[i]]
        places[groups[i]] = place + 1
        out[place] = values[i]


@njit(nogil=True, cache=True)
def take(values: Array, order: Array, out: Array) -> None:
    """out[i] = values[order[i]]"""
    for i in range(order.shape[0]):
        out[i] = values[order[i]]
