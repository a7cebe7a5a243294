"""Parts of the order that fit into memory: which of them a row belongs to. Pure but for the rows that are passed in.

A part is a stretch of keys, so that parts in order, each ordered in itself, are all rows in order. Where many rows
share the first bits of their keys, a window of these rows alone tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from halftone_compute.index.sort import bounds_of, is_point
from halftone_compute.index.window import Bounds, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# The first bits of a key that rows are counted by: of all rows, and of a crowd.
_BITS, _CROWD_BITS = 16, 12
# Crowds that are planned in the same pass over the rows: bounds what their counts take.
_AT_ONCE = 1_024
# The place of what was not chosen.
_NOWHERE = (1 << 16) - 1
Result = TypeVar("Result")


class Scan(Protocol):
    """scan(work) gives `work` of the coordinates of each chunk of rows, in their order, anew each time. `work` may run
    on several threads at once.
    """

    def __call__(self, work: Callable[[np.ndarray, np.ndarray], Result]) -> Iterator[Result]: ...


@dataclass(frozen=True)
class Parts:
    """`window` is None when all rows are one part. Else `groups` by bucket, the first bits of a key, is which group of
    buckets it is in; group `i` is the part `firsts[i]`, or parts from it on when `deeper` has it.
    """

    window: Window | None = None
    groups: np.ndarray = field(default_factory=lambda: np.zeros(1, np.uint16))
    firsts: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    deeper: Mapping[int, Parts] = field(default_factory=dict)
    count: int = 1

    def of(self, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """int64 of shape (rows,): the part of each row. Coordinates are finite float64."""
        if self.window is None:
            return np.zeros(len(xs), np.int64)
        groups = self.groups[_buckets(self.window, xs, ys, len(self.groups))]
        parts: np.ndarray = self.firsts[groups]
        if self.deeper:
            for group, rows in _rows_by(groups):
                if group in self.deeper:
                    parts[rows] += self.deeper[group].of(xs[rows], ys[rows])
        return parts


@dataclass(frozen=True, slots=True)
class Crowds:
    """`count` sets of rows. `numbered` gives, of a chunk of all rows, (x, y, which of them) of theirs."""

    count: int
    scan: Scan
    numbered: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]

    def each(self, work: Callable[[int, np.ndarray, np.ndarray], Result]) -> Iterator[tuple[int, Result]]:
        """(number, `work` of number, x and y) of each of them in each chunk."""

        def of_chunk(xs: np.ndarray, ys: np.ndarray) -> list[tuple[int, Result]]:
            xs, ys, numbers = self.numbered(xs, ys)
            return [(number, work(number, xs[rows], ys[rows])) for number, rows in _rows_by(numbers)]

        for found in self.scan(of_chunk):
            yield from found


def planned(scan: Scan, offset: int, most: int) -> Parts:
    """Parts of at most `most` rows, but for rows that all lie at one point.

    Rows are passed over twice, and twice more for each depth at which there are crowds, however many these are.
    """

    def whole(xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return xs, ys, np.zeros(len(xs), np.uint16)

    [parts] = _planned(Crowds(1, scan, whole), offset, most, _BITS)
    return parts


def _planned(crowds: Crowds, offset: int, most: int, bits: int) -> list[Parts]:
    """The parts of each of some crowds; `bits` of keys tell their rows apart, before crowds among these are planned."""
    windows = _windows(crowds, offset, most)
    if not windows:
        return [Parts()] * crowds.count
    groups, crowded = _counted(crowds, windows, most, bits)
    deeper: dict[int, dict[int, Parts]] = {number: {} for number in windows}
    for start in range(0, len(crowded), _AT_ONCE):
        chosen = crowded[start : start + _AT_ONCE]
        inner = Crowds(len(chosen), crowds.scan, partial(_within, crowds, windows, groups, _places(groups, chosen)))
        for (number, group), parts in zip(chosen, _planned(inner, offset, most, _CROWD_BITS), strict=True):
            deeper[number][group] = parts
    return [
        _parts(windows[number], groups[number], deeper[number]) if number in windows else Parts()
        for number in range(crowds.count)
    ]


def _windows(crowds: Crowds, offset: int, most: int) -> dict[int, Window]:
    """Those of crowds that are more than one part, by number."""
    rows, bounds = [0] * crowds.count, list[Bounds | None]([None] * crowds.count)
    for number, (count, found) in crowds.each(lambda _, xs, ys: (len(xs), bounds_of(xs, ys))):
        rows[number] += count
        bounds[number] = around(bounds[number], found)
    return {
        number: Window.of(found, offset)
        for number, found in enumerate(bounds)
        if found is not None and rows[number] > most and not is_point(found)
    }


def _counted(
    crowds: Crowds, windows: Mapping[int, Window], most: int, bits: int
) -> tuple[dict[int, np.ndarray], list[tuple[int, int]]]:
    """The group of each bucket of the crowds that have windows, and which (crowd, group) hold more than `most` rows."""
    counts = {number: np.zeros(1 << bits, np.int64) for number in windows}

    def counted(number: int, xs: np.ndarray, ys: np.ndarray) -> np.ndarray | None:
        if number not in windows:
            return None
        return np.bincount(_buckets(windows[number], xs, ys, 1 << bits), minlength=1 << bits)

    for number, found in crowds.each(counted):
        if found is not None:
            counts[number] += found
    groups = {number: _grouped(counts[number], most) for number in windows}
    crowded = [
        (number, group)
        for number in windows
        for group in np.flatnonzero(np.bincount(groups[number], counts[number]) > most).tolist()
    ]
    return groups, crowded


def _places(groups: Mapping[int, np.ndarray], chosen: Sequence[tuple[int, int]]) -> dict[int, np.ndarray]:
    """By crowd the place of each of its groups among the chosen ones, _NOWHERE for others."""
    places = {number: np.full(int(of.max()) + 1, _NOWHERE, np.uint16) for number, of in groups.items()}
    for place, (number, group) in enumerate(chosen):
        places[number][group] = place
    return places


def _within(
    crowds: Crowds,
    windows: Mapping[int, Window],
    groups: Mapping[int, np.ndarray],
    places: Mapping[int, np.ndarray],
    xs: np.ndarray,
    ys: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of chosen groups of crowds, as the chunk of crowds of their own."""
    xs, ys, numbers = crowds.numbered(xs, ys)
    found = np.full(len(xs), _NOWHERE, np.uint16)
    for number, rows in _rows_by(numbers):
        if number in windows:
            of_buckets = groups[number]
            buckets = _buckets(windows[number], xs[rows], ys[rows], len(of_buckets))
            found[rows] = places[number][of_buckets[buckets]]
    inside = found != _NOWHERE
    return xs[inside], ys[inside], found[inside]


def _parts(window: Window, groups: np.ndarray, deeper: Mapping[int, Parts]) -> Parts:
    below = np.ones(int(groups.max()) + 1, np.int64)
    for group, parts in deeper.items():
        below[group] = parts.count
    return Parts(window, groups, np.cumsum(below) - below, deeper, int(below.sum()))


def extent_of(scan: Scan) -> Bounds | None:
    """The bounds of all rows; None without any."""
    bounds = None
    for found in scan(lambda xs, ys: bounds_of(xs, ys) if len(xs) else None):
        bounds = bounds if found is None else around(bounds, found)
    return bounds


def around(bounds: Bounds | None, found: Bounds) -> Bounds:
    """The bounds of two sets of rows."""
    if bounds is None:
        return found
    x0, x1, y0, y1 = found
    return min(x0, bounds[0]), max(x1, bounds[1]), min(y0, bounds[2]), max(y1, bounds[3])


def _buckets(window: Window, xs: np.ndarray, ys: np.ndarray, count: int) -> np.ndarray:
    """int64 of shape (rows,): the first bits of the key of each row, one of `count` buckets, a power of two."""
    keys = window.keys(xs, ys) >> np.uint64(max(0, window.key_bits - count.bit_length() + 1))
    return keys.astype(np.int64)


def _rows_by(numbers: np.ndarray) -> Iterator[tuple[int, np.ndarray | slice]]:
    """(number, the places that have it), ascending, of numbers of 16 bits, which NumPy sorts fast."""
    if not len(numbers):
        return
    if (numbers == numbers[0]).all():
        yield int(numbers[0]), slice(None)
        return
    places = np.argsort(numbers, kind="stable")
    edges = np.flatnonzero(np.diff(numbers[places])) + 1
    for same in np.split(places, edges):
        yield int(numbers[same[0]]), same


def _grouped(counts: np.ndarray, most: int) -> np.ndarray:
    """uint16 by bucket: neighbours are in one group while it holds at most `most` rows; one bucket may hold more."""
    groups = np.zeros(len(counts), np.uint16)
    group, held = 0, 0
    for bucket in np.flatnonzero(counts):
        if held and held + counts[bucket] > most:
            group, held = group + 1, 0
        held += counts[bucket]
        groups[bucket] = group
    return groups
