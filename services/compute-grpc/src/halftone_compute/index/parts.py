"""Parts of the order that fit into memory: which of them a row belongs to. Pure but for the rows that are passed in.

A part is a stretch of keys, so that parts in order, each ordered in itself, are all rows in order. Where many rows
share the first bits of their keys, a window of these rows alone tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.index.sort import bounds_of, is_point
from halftone_compute.index.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from halftone_compute.index.coordinates import Pairs
    from halftone_compute.index.window import Bounds

_BUCKET_BITS = 16


@dataclass(frozen=True)
class Parts:
    """`window` is None when all rows are one part. Else `groups` by bucket, the first bits of a key, is which group of
    buckets it is in; group `i` is the part `firsts[i]`, or parts from it on when `deeper` has it.
    """

    window: Window | None = None
    groups: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    firsts: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    deeper: Mapping[int, Parts] = field(default_factory=dict)
    count: int = 1

    def of(self, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """int64 of shape (rows,): the part of each row. Coordinates are finite float64."""
        if self.window is None:
            return np.zeros(len(xs), np.int64)
        groups = self.groups[_buckets(self.window, xs, ys)]
        parts: np.ndarray = self.firsts[groups]
        for group, below in self.deeper.items():
            chosen = groups == group
            parts[chosen] += below.of(xs[chosen], ys[chosen])
        return parts


def planned(chunks: Callable[[], Iterator[Pairs]], offset: int, most: int) -> Parts:
    """Parts of at most `most` rows, but for rows that all lie at one point. `chunks` gives the rows anew each time."""
    rows, bounds = extent_of(chunks())
    if bounds is None or rows <= most or is_point(bounds):
        return Parts()
    window = Window.of(bounds, offset)
    counts = np.zeros(1 << _BUCKET_BITS, np.int64)
    for xs, ys in chunks():
        counts += np.bincount(_buckets(window, xs, ys), minlength=len(counts))
    groups = _grouped(counts, most)
    sizes = np.bincount(groups, counts).astype(np.int64)
    deeper = {
        group: planned(_of_group(chunks, window, groups, group), offset, most)
        for group in np.flatnonzero(sizes > most).tolist()
    }
    below = np.array([deeper[group].count if group in deeper else 1 for group in range(len(sizes))], np.int64)
    return Parts(window, groups, np.cumsum(below) - below, deeper, int(below.sum()))


def extent_of(pairs: Iterator[Pairs]) -> tuple[int, Bounds | None]:
    """How many rows there are, and their bounds; None without any."""
    rows, bounds = 0, None
    for xs, ys in pairs:
        if len(xs):
            x0, x1, y0, y1 = found = bounds_of(xs, ys)
            if bounds is not None:
                found = min(x0, bounds[0]), max(x1, bounds[1]), min(y0, bounds[2]), max(y1, bounds[3])
            rows, bounds = rows + len(xs), found
    return rows, bounds


def _buckets(window: Window, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    keys = window.keys(xs, ys) >> np.uint64(max(0, window.key_bits - _BUCKET_BITS))
    return keys.astype(np.int64)


def _grouped(counts: np.ndarray, most: int) -> np.ndarray:
    """int64 by bucket: neighbours are in one group while it holds at most `most` rows; one bucket may hold more."""
    groups = np.zeros(len(counts), np.int64)
    group, held = 0, 0
    for bucket in np.flatnonzero(counts):
        if held and held + counts[bucket] > most:
            group, held = group + 1, 0
        held += counts[bucket]
        groups[bucket] = group
    return groups


def _of_group(
    chunks: Callable[[], Iterator[Pairs]], window: Window, groups: np.ndarray, group: int
) -> Callable[[], Iterator[Pairs]]:
    def chosen() -> Iterator[Pairs]:
        for xs, ys in chunks():
            inside = groups[_buckets(window, xs, ys)] == group
            yield xs[inside], ys[inside]

    return chosen
