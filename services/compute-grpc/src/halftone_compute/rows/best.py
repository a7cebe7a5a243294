"""The first rows in an order, kept while blocks go by: memory for these alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class RowKeys(NamedTuple):
    """Rows: their keys (uint64), their numbers in the file (int64) and their places in the version (int64), each of
    shape (rows,). They stand by key, and equal ones by number.
    """

    keys: np.ndarray
    numbers: np.ndarray
    places: np.ndarray

    def where(self, chosen: np.ndarray) -> RowKeys:
        """Some of them: a mask, or their places here."""
        return RowKeys(*(array[chosen] for array in self))

    def part(self, first: int, stop: int) -> RowKeys:
        return RowKeys(*(array[first:stop] for array in self))

    def joined(self, others: RowKeys) -> RowKeys:
        return RowKeys(*(np.concatenate(pair) for pair in zip(self, others, strict=True)))

    def in_order(self) -> RowKeys:
        return self.where(np.lexsort((self.numbers, self.keys)))


def no_rows() -> RowKeys:
    return RowKeys(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))


class Best:
    """The first `most` rows of all that are added, and how many these were."""

    def __init__(self, most: int) -> None:
        self.count = 0
        # The least and the greatest key of all.
        self.bounds = (2**64 - 1, 0)
        self._most = most
        self._kept = no_rows()

    def add(self, rows: RowKeys) -> None:
        self.count += len(rows.keys)
        if len(rows.keys):
            low, high = self.bounds
            self.bounds = (min(low, int(rows.keys.min())), max(high, int(rows.keys.max())))
        if len(self._kept.keys) == self._most and self._most:
            # In order: the last is the worst.
            worst, number = self._kept.keys[-1], self._kept.numbers[-1]
            rows = rows.where((rows.keys < worst) | ((rows.keys == worst) & (rows.numbers < number)))
        if len(rows.keys):
            self._kept = self._kept.joined(_first(rows, self._most)).in_order().part(0, self._most)

    def rows(self) -> RowKeys:
        """Those kept, in order."""
        return self._kept


def _first(rows: RowKeys, most: int) -> RowKeys:
    """The first of some rows, in any order."""
    if len(rows.keys) <= most:
        return rows
    if most == 0:
        return no_rows()
    limit = np.partition(rows.keys, most - 1)[most - 1]
    before = np.flatnonzero(rows.keys < limit)
    equal = np.flatnonzero(rows.keys == limit)
    left = most - len(before)
    if left < len(equal):
        equal = equal[np.argpartition(rows.numbers[equal], left - 1)[:left]]
    return rows.where(np.concatenate((before, equal)))
