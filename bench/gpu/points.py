"""Any number of points, ordered by an index or random, in blocks as a store gives them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from halftone_compute.store.base import BLOCK_ROWS, Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Columns: TypeAlias = "dict[str, np.ndarray[Any, Any]]"

WIDTH, HEIGHT, CATEGORIES = 1024, 768, 16
# Places within a cell on each axis: coordinates are whole multiples of 1/8192, exact in float32 and in every formula.
_PLACES = 8192
# Rows made at once, so that what is needed beside the columns stays small.
_AT_ONCE = 1 << 24
_SEED = 1


def points(rows: int, *, has_values: bool) -> Columns:
    """x, y (float32, denser in the middle) in Morton order of their cell, lowest bit from x; v float32, c int32."""
    xs, ys = morton_cells()
    rng = np.random.default_rng(_SEED)
    counts = rng.multinomial(rows, _density(xs, ys))
    columns: Columns = {name: np.empty(rows, np.float32) for name in "xy"}
    for at, part in _parts(counts):
        for name, cells in (("x", xs), ("y", ys)):
            whole = np.repeat(cells[part], counts[part])
            within = rng.integers(0, _PLACES, len(whole), np.uint16).astype(np.float32)
            columns[name][at : at + len(whole)] = whole + within / np.float32(_PLACES)
    if has_values:
        columns["v"] = rng.standard_normal(rows, np.float32)
        columns["c"] = rng.integers(0, CATEGORIES, rows, np.int32)
    return columns


def shuffle(columns: Columns) -> None:
    """The same rows in a random order, in place."""
    for values in columns.values():
        np.random.default_rng(_SEED).shuffle(values)


def blocks_of(columns: Mapping[str, np.ndarray], version: str) -> list[Block]:
    """Blocks as a store gives them, kept in GPU memory under the name `version`."""
    rows = len(columns["x"])
    return [
        Block(start, {name: values[start : start + BLOCK_ROWS] for name, values in columns.items()}, {}, version)
        for start in range(0, rows, BLOCK_ROWS)
    ]


def morton_cells() -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of every cell of the region in Morton order."""
    index = np.arange(1 << 20, dtype=np.uint32)
    x, y = (sum((index >> (2 * bit + shift) & 1) << bit for bit in range(10)) for shift in (0, 1))
    inside = np.asarray(y) < HEIGHT
    return np.asarray(x)[inside], np.asarray(y)[inside]


def _density(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    across, along = (xs - WIDTH / 2) / (WIDTH / 6), (ys - HEIGHT / 2) / (HEIGHT / 6)
    weight = np.exp(-(across**2 + along**2) / 2)
    return np.asarray(weight / weight.sum())


def _parts(counts: np.ndarray) -> Iterator[tuple[int, slice]]:
    """(first row, cells) of parts of about _AT_ONCE rows."""
    ends = np.cumsum(counts)
    cuts = np.searchsorted(ends, np.arange(_AT_ONCE, int(ends[-1]), _AT_ONCE))
    edges = [0, *np.unique(cuts).tolist(), len(counts)]
    for first, end in pairwise(edges):
        yield int(ends[first - 1]) if first else 0, slice(first, end)
