"""Leaves: runs of rows that lie close to each other, and what each holds at least and at most, by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.index import LEAF_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_compute.store.index.entry import IndexEntry


@dataclass(frozen=True, slots=True)
class Box:
    """Data extent of interest, closed.

    `y` is None when only x is bounded. Times are in the unit of their column.
    """

    x: str
    x0: float
    x1: float
    y: str | None = None
    y0: float = 0.0
    y1: float = 0.0


@dataclass(frozen=True, slots=True)
class Leaves:
    """`starts`: int64 of shape (leaves + 1,), the first row of each leaf, and the number of all rows.

    The rows of the first `placed` leaves have a place on both axes of the pair `x`, `y`; no other row has. `zones` by
    column: (least, greatest) finite values of each leaf, float64 of shape (leaves,), inf and -inf where it has none.
    """

    starts: np.ndarray
    placed: int
    x: str
    y: str
    zones: Mapping[str, tuple[np.ndarray, np.ndarray]]

    @property
    def count(self) -> int:
        return len(self.starts) - 1

    @property
    def rows(self) -> np.ndarray:
        """Rows of each leaf."""
        return np.diff(self.starts)

    @property
    def crowded(self) -> np.ndarray:
        """Which leaves hold more rows than others may: all of them at one point."""
        crowded = self.rows > LEAF_ROWS
        crowded[self.placed :] = False
        return crowded

    def meeting(self, boxes: Sequence[Box]) -> np.ndarray:
        """Which leaves may hold a row that lies in one of the boxes: bool of shape (leaves,)."""
        met = np.zeros(self.count, np.bool_)
        for box in boxes:
            met |= self._meeting(box)
        return met

    def _meeting(self, box: Box) -> np.ndarray:
        met = np.ones(self.count, np.bool_)
        for name, low, high in ((box.x, box.x0, box.x1), (box.y, box.y0, box.y1)):
            if name is not None and name in self.zones:
                least, greatest = self.zones[name]
                met &= (least <= high) & (greatest >= low)
        if {box.x, box.y} == {self.x, self.y}:
            met[self.placed :] = False
        return met

    def runs(self, chosen: np.ndarray) -> list[tuple[int, int]]:
        """The rows of the chosen leaves, as runs: (first row, row after the last)."""
        padded = np.concatenate(([False], chosen, [False]))
        edges = np.flatnonzero(padded[1:] != padded[:-1])
        return [(int(self.starts[start]), int(self.starts[stop])) for start, stop in edges.reshape(-1, 2)]


def leaves_of(entry: IndexEntry, starts: np.ndarray, zones: np.ndarray) -> Leaves:
    """The leaves out of the files of an index. Raises HalftoneError `data_corrupt`."""
    count = len(starts) - 1
    if count < 0 or len(zones) != 2 * count * len(entry.zoned) or entry.placed not in starts:
        raise HalftoneError(ErrorCode.DATA_CORRUPT, "The index of this version contradicts itself.")
    bounds = zones.reshape(len(entry.zoned), 2, count)
    by_name = {name: (low, high) for name, (low, high) in zip(entry.zoned, bounds, strict=True)}
    placed = int(np.searchsorted(starts, entry.placed))
    return Leaves(starts.astype(np.int64), placed, entry.x, entry.y, by_name)
