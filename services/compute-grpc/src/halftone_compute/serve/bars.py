"""The one row of a histogram as bars, in a PNG: up from zero, or down; a bin without a value is a gap."""

from __future__ import annotations

import numpy as np

from halftone_compute.serve.shade import coloured, png

HEIGHT = 256
# Pixels of the mark of a category's number.
_MARK = 3


def bars(
    grid: np.ndarray,
    colormap: str,
    normalisation: str,
    *,
    holds_places: bool = False,
    errors: np.ndarray | None = None,
) -> bytes:
    """A PNG of a grid of `finish` of one row: (1, bins), or by category (1, bins, categories).

    Rows by category stand on each other; of any other number by category each has a mark in its colour. `holds_places`:
    the numbers are places of categories, and bars of these colours have all one height. `errors`, of the
    same shape, says how far the interval about a number reaches, NaN where none is drawn; those by category are not.
    """
    if holds_places:
        return coloured(np.repeat(grid, HEIGHT, axis=0))
    if grid.ndim == 2:
        return png(_filled(grid[0], None if errors is None else errors[0]), colormap, normalisation)
    return coloured(_stacked(grid[0]) if grid.dtype.kind == "u" else _marked(grid[0]))


def _scale(numbers: np.ndarray) -> tuple[float, int]:
    """(pixels a unit, pixel of zero) so that all numbers and zero fit; NaN is no number."""
    known = numbers[np.isfinite(numbers)]
    top, bottom = max(0.0, known.max(initial=0.0)), min(0.0, known.min(initial=0.0))
    unit = HEIGHT / ((top - bottom) or 1.0)
    return unit, round(-bottom * unit)


def _filled(row: np.ndarray, errors: np.ndarray | None) -> np.ndarray:
    """uint32 of shape (HEIGHT, bins), lowest first: 1 where bars are, 2 where their intervals are, else 0; a bar is
    never less than one pixel.
    """
    numbers = row.astype(np.float64)
    ends = np.array([]) if errors is None else np.concatenate((numbers - errors, numbers + errors))
    unit, zero = _scale(np.concatenate((numbers, ends)))
    known = np.nan_to_num(numbers, nan=0.0, posinf=HEIGHT / unit, neginf=-HEIGHT / unit)
    up, down = np.ceil(np.maximum(known, 0) * unit), np.ceil(np.maximum(-known, 0) * unit)
    if row.dtype.kind == "f":
        # A number that is zero is no gap.
        down = np.where((known == 0) & ~np.isnan(numbers) & (zero == HEIGHT), 1, down)
        up = np.where((known == 0) & ~np.isnan(numbers) & (zero < HEIGHT), 1, up)
    level = np.arange(HEIGHT)[:, np.newaxis]
    filled = ((level >= zero - down) & (level < zero + up)).astype(np.uint32)
    if errors is not None:
        low, high = (np.rint(zero + (numbers + side * errors) * unit) for side in (-1, 1))
        # NaN, where there is no interval, compares as false.
        filled[(level >= low) & (level <= high)] = 2
    return filled


def _stacked(counts: np.ndarray) -> np.ndarray:
    """Places of categories, shape (HEIGHT, bins), of counts (bins, categories); NaN above the bars."""
    tops = np.cumsum(counts.astype(np.float64), axis=1)
    unit, _ = _scale(tops)
    level = np.arange(HEIGHT)[:, np.newaxis, np.newaxis]
    # The first category that reaches above a pixel's lower edge.
    reached = level < np.ceil(tops * unit)
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1).astype(np.float64), np.nan)


def _marked(numbers: np.ndarray) -> np.ndarray:
    """Places of categories, shape (HEIGHT, bins), at the height of their numbers (bins, categories); NaN elsewhere."""
    unit, zero = _scale(numbers)
    places = np.full((HEIGHT, len(numbers)), np.nan)
    level = np.arange(HEIGHT)[:, np.newaxis]
    for place in reversed(range(numbers.shape[1])):
        at = np.clip(zero + numbers[:, place] * unit, _MARK - 1, HEIGHT - 1)
        places[(level > at - _MARK) & (level <= at)] = place
    return places
