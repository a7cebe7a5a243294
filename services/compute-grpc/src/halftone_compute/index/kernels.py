"""Compiled loops of the sort: keys of rows, the order of keys, and the rows of a chunk by partition."""

from typing import Any

import numpy as np
from numba import njit

from halftone_compute.backends.cpu.kernels import cell

Array = np.ndarray[Any, np.dtype[Any]]

_DIGIT = 11
_DIGITS = 1 << _DIGIT
_KEY_BITS = 64


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
def sort(keys: Array, order: Array, spare_keys: Array, spare_order: Array) -> bool:
    """Sorts keys and moves `order` along, stable: least digits first, leaving out digits that all keys share.

    Returns whether the result lies in the spare arrays.
    """
    passes = (_KEY_BITS + _DIGIT - 1) // _DIGIT
    counts = np.zeros((passes, _DIGITS), np.int64)
    mask = np.uint64(_DIGITS - 1)
    for i in range(keys.shape[0]):
        for place in range(passes):
            counts[place, (keys[i] >> np.uint64(place * _DIGIT)) & mask] += 1
    in_spare = False
    for place in range(passes):
        if counts[place].max() == keys.shape[0]:
            continue
        if in_spare:
            _by_digit(spare_keys, spare_order, keys, order, np.uint64(place * _DIGIT), counts[place])
        else:
            _by_digit(keys, order, spare_keys, spare_order, np.uint64(place * _DIGIT), counts[place])
        in_spare = not in_spare
    return in_spare


@njit(nogil=True, cache=True)
def _by_digit(keys: Array, order: Array, out_keys: Array, out_order: Array, shift: np.uint64, counts: Array) -> None:
    mask = np.uint64(_DIGITS - 1)
    start = 0
    for digit in range(_DIGITS):
        count = counts[digit]
        counts[digit] = start
        start += count
    for i in range(keys.shape[0]):
        digit = (keys[i] >> shift) & mask
        place = counts[digit]
        counts[digit] = place + 1
        out_keys[place] = keys[i]
        out_order[place] = order[i]
