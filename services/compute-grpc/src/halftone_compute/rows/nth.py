"""The row at a place far down an order, in little memory: each pass counts keys by narrower ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from halftone_compute.rows.best import RowKeys, no_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # Goes through all rows anew with each call.
    AllRows: TypeAlias = "Callable[[], Iterator[RowKeys]]"

_BITS = 16
_BUCKETS = 1 << _BITS
_WHOLE = (0, 2**63)


def nth(passed: AllRows, place: int, most: int, bounds: tuple[int, int]) -> tuple[int, int]:
    """(key, number) of the row at a place of the order, of which there is one. `most` rows fit in memory; no key lies
    outside of the bounds, both ends among them.
    """
    low, high = bounds
    bits = (high - low).bit_length()
    while bits:
        bits = max(bits - _BITS, 0)
        counts = sum(
            (_counted(rows.keys, low, bits) for rows in passed()),
            start=np.zeros(_BUCKETS, np.int64),
        )
        bucket, place = _bucket(counts, place)
        low += bucket << bits
        if counts[bucket] <= most:
            high = low + (1 << bits) - 1
            near = _collected(passed, np.uint64(low), np.uint64(high))
            return int(near.keys[place]), int(near.numbers[place])
    # Too many rows have this very key: the same among their numbers.
    equal = np.uint64(low)

    def numbered() -> Iterator[RowKeys]:
        for rows in passed():
            same = rows.where(rows.keys == equal)
            yield RowKeys(same.numbers.astype(np.uint64), same.numbers, same.places)

    return low, nth(numbered, place, most, _WHOLE)[1]


def _counted(keys: np.ndarray, low: int, bits: int) -> np.ndarray:
    """How many keys each bucket of 2^bits from `low` on holds."""
    buckets = (keys - np.uint64(low)) >> np.uint64(bits)
    inside = (keys >= np.uint64(low)) & (buckets < _BUCKETS)
    return np.bincount(buckets[inside].astype(np.int64), minlength=_BUCKETS)


def _bucket(counts: np.ndarray, place: int) -> tuple[int, int]:
    """The bucket that holds a place, and the place in it."""
    ends = np.cumsum(counts)
    bucket = int(np.searchsorted(ends, place, side="right"))
    return bucket, place - int(ends[bucket] - counts[bucket])


def _collected(passed: AllRows, low: np.uint64, high: np.uint64) -> RowKeys:
    found = no_rows()
    for rows in passed():
        found = found.joined(rows.where((rows.keys >= low) & (rows.keys <= high)))
    return found.in_order()
