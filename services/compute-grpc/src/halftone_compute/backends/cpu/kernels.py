"""Compiled loops over rows: the cell of each row, and what is gathered in the cells.

Exact where Datashader's rounding moves a row off the lattice, by its own formula in free viewports, and faster
(`python -m bench.kernels`); the tests hold both equal. `flat` holds one cell number a row, row by row of the region;
the last number, width·height, is a bin that takes the rows outside, so that the loops need no test. Accumulators are
flat and one cell longer than the region; by category as many cells follow for each further one (`of_categories`).
"""

# Numba reads these functions' arguments, not their annotations; `Any` keeps the signatures typed for callers.
from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, np.dtype[Any]]

# Which of the three numbers that `squares` keeps for a cell is the result.
SQUARES = 2


@njit(nogil=True, cache=True)
def cell(value: float, per_unit: float, first: float) -> float:
    """The lattice cell of a value, counted from `first`: an exact floor, since `per_unit` is a power of two.

    A negative value so small that the product rounds to zero still belongs to the cell below zero.
    """
    wide = np.float64(value)
    place = np.floor(wide * per_unit)
    return (-1.0 if (wide < 0.0) & (place == 0.0) else place) - first


@njit(nogil=True, cache=True)
def flatten(
    xs: Array,
    ys: Array,
    per_x: float,
    first_x: float,
    per_y: float,
    first_y: float,
    width: int,
    height: int,
    out: Array,
) -> None:
    """Flat cell of each row, from float coordinates; NaN and rows outside go to width·height."""
    for i in range(xs.shape[0]):
        x = cell(xs[i], per_x, first_x)
        y = cell(ys[i], per_y, first_y)
        inside = (x >= 0.0) & (x < width) & (y >= 0.0) & (y < height)
        out[i] = np.int64(y) * width + np.int64(x) if inside else width * height


@njit(nogil=True, cache=True)
def flatten_bins(xs: Array, per_x: float, first_x: float, width: int, out: Array) -> None:
    """Like `flatten`, for one row of cells."""
    for i in range(xs.shape[0]):
        x = cell(xs[i], per_x, first_x)
        out[i] = np.int64(x) if (x >= 0.0) & (x < width) else width


@njit(nogil=True, cache=True)
def view_cell(value: float, low: float, high: float, scale: float, translate: float, cells: int) -> int:
    """Datashader's cell of a value in a closed range, -1 outside: values on the upper edge lie in the last cell."""
    wide = np.float64(value)
    if not ((low <= wide) & (wide <= high)):
        return -1
    return min(int(wide * scale + translate), cells - 1)


@njit(nogil=True, cache=True)
def flatten_view(
    xs: Array,
    ys: Array,
    x: tuple[float, float, float, float],
    y: tuple[float, float, float, float],
    width: int,
    height: int,
    out: Array,
) -> None:
    """Like `flatten`, for a free viewport; each axis is (low, high, scale, translate)."""
    for i in range(xs.shape[0]):
        column = view_cell(xs[i], x[0], x[1], x[2], x[3], width)
        row = view_cell(ys[i], y[0], y[1], y[2], y[3], height)
        out[i] = row * width + column if (column >= 0) & (row >= 0) else width * height


@njit(nogil=True, cache=True)
def flatten_view_bins(xs: Array, x: tuple[float, float, float, float], width: int, out: Array) -> None:
    """Like `flatten_view`, for one row of cells."""
    for i in range(xs.shape[0]):
        column = view_cell(xs[i], x[0], x[1], x[2], x[3], width)
        out[i] = column if column >= 0 else width


@njit(nogil=True, cache=True)
def of_categories(flat: Array, codes: Array, planes: int, other: bool, cells: int) -> None:
    """Changes cells in place to those of the plane of each row's code; a plane takes `cells`, the last for outside.

    Greater codes go to the last plane with `other`, else outside, as rows without a code do.
    """
    last = planes - 1
    for i in range(flat.shape[0]):
        code = codes[i]
        if code > last and other:
            code = last
        flat[i] = np.int64(code) * cells + flat[i] if 0 <= code <= last else cells - 1


@njit(nogil=True, cache=True)
def count(flat: Array, counts: Array) -> None:
    for i in range(flat.shape[0]):
        counts[flat[i]] += 1


@njit(nogil=True, cache=True)
def total(flat: Array, values: Array, valid: Array, counts: Array, valids: Array, sums: Array) -> None:
    """Adds rows, rows with a value, and the values one after the other; NaN and infinity are no values."""
    for i in range(flat.shape[0]):
        at = flat[i]
        value = values[i]
        counts[at] += 1
        if valid[i] & np.isfinite(value):
            valids[at] += 1
            sums[at] += value


@njit(nogil=True, cache=True)
def squares(flat: Array, values: Array, valid: Array, counts: Array, valids: Array, about: Array) -> None:
    """Adds rows, rows with a value, and the squared differences of a cell's finite float64 values from their mean.

    `about` has three numbers a cell: a pivot, the mean's distance from it, and the squares about that mean, brought on
    value by value (Welford's way, as Datashader has it). The pivot is the first value of the cell, so that a common
    offset of the values takes no digits of the mean.
    """
    for i in range(flat.shape[0]):
        at = flat[i]
        value = values[i]
        counts[at] += 1
        if valid[i] & np.isfinite(value):
            if valids[at] == 0:
                about[at, 0] = value
            valids[at] += 1
            off = value - about[at, 0]
            before = off - about[at, 1]
            about[at, 1] += before / valids[at]
            about[at, SQUARES] += before * (off - about[at, 1])


@njit(nogil=True, cache=True)
def least(flat: Array, values: Array, valid: Array, counts: Array, valids: Array, found: Array) -> None:
    """Adds rows, rows with a value, and the smallest value; NaN and infinity are no values.

    `found` starts at its type's greatest.

    Without branches: whether a value is the smallest so far cannot be predicted.
    """
    for i in range(flat.shape[0]):
        at = flat[i]
        value = values[i]
        counts[at] += 1
        has = valid[i] & np.isfinite(value)
        valids[at] += has
        best = found[at]
        found[at] = value if has & (value < best) else best


@njit(nogil=True, cache=True)
def greatest(flat: Array, values: Array, valid: Array, counts: Array, valids: Array, found: Array) -> None:
    """Like `least`, for the largest value."""
    for i in range(flat.shape[0]):
        at = flat[i]
        value = values[i]
        counts[at] += 1
        has = valid[i] & np.isfinite(value)
        valids[at] += has
        best = found[at]
        found[at] = value if has & (value > best) else best


@njit(nogil=True, cache=True)
def first(
    flat: Array, values: Array, valid: Array, numbers: Array, counts: Array, valids: Array, at: Array, found: Array
) -> None:
    """Adds rows, rows with a value, and the value of the row with the least number; `at` keeps that number.

    `at` starts at its type's greatest. NaN and infinity are no values.
    """
    for i in range(flat.shape[0]):
        cell = flat[i]
        counts[cell] += 1
        if valid[i] & np.isfinite(values[i]):
            valids[cell] += 1
            if numbers[i] <= at[cell]:
                at[cell] = numbers[i]
                found[cell] = values[i]


@njit(nogil=True, cache=True)
def last(
    flat: Array, values: Array, valid: Array, numbers: Array, counts: Array, valids: Array, at: Array, found: Array
) -> None:
    """Like `first`, for the greatest number; `at` starts at its type's least."""
    for i in range(flat.shape[0]):
        cell = flat[i]
        counts[cell] += 1
        if valid[i] & np.isfinite(values[i]):
            valids[cell] += 1
            if numbers[i] >= at[cell]:
                at[cell] = numbers[i]
                found[cell] = values[i]


@njit(nogil=True, cache=True)
def earliest(
    flat: Array, values: Array, valid: Array, orders: Array, counts: Array, valids: Array, at: Array, found: Array
) -> None:
    """Adds rows, rows with a value, and the float64 value of the row with the greatest order, the least of several.

    `at` keeps that order, and starts at 0. NaN: no such row has a value; NaN and infinity are no values.
    """
    for i in range(flat.shape[0]):
        cell = flat[i]
        counts[cell] += 1
        has = valid[i] & np.isfinite(values[i])
        valids[cell] += has
        value = values[i] if has else np.nan
        if orders[i] > at[cell]:
            at[cell] = orders[i]
            found[cell] = value
        elif orders[i] == at[cell]:
            found[cell] = np.fmin(found[cell], value)


@njit(nogil=True, cache=True)
def latest(
    flat: Array, values: Array, valid: Array, orders: Array, counts: Array, valids: Array, at: Array, found: Array
) -> None:
    """Like `earliest`, with the greatest value of several rows of one order."""
    for i in range(flat.shape[0]):
        cell = flat[i]
        counts[cell] += 1
        has = valid[i] & np.isfinite(values[i])
        valids[cell] += has
        value = values[i] if has else np.nan
        if orders[i] > at[cell]:
            at[cell] = orders[i]
            found[cell] = value
        elif orders[i] == at[cell]:
            found[cell] = np.fmax(found[cell], value)
