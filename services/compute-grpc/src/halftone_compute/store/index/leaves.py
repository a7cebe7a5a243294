"""Leaves: runs of rows that lie close to each other, and what each holds at least and at most, by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True)
class Leaves:
    """`starts`: int64 of shape (leaves + 1,), the first row of each leaf, and the number of all rows.

    The rows of the first `placed` leaves have a place on both axes of the pair `x`, `y`; no other row has. `zones` by
    column: (least, greatest) finite values of each leaf, float64 of shape (leaves,), inf and -inf where it has none.
    Some leaves are an ascending array of their numbers.
    """

    starts: np.ndarray
    placed: int
    x: str
    y: str
    zones: Mapping[str, tuple[np.ndarray, np.ndarray]]

    @property
    def count(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows of each leaf."""
        return np.diff(self.starts)

    @cached_property
    def crowded(self) -> np.ndarray:
        """Whether each leaf holds more rows than others may: all of them at one point."""
        crowded = self.rows > LEAF_ROWS
        crowded[self.placed :] = False
        return crowded

    @cached_property
    def units(self) -> np.ndarray:
        """Rows of each leaf, where those at one crowded point count as one."""
        return np.where(self.crowded, 1, self.rows)

    def meeting(self, boxes: Sequence[Box]) -> np.ndarray:
        """Some leaves: those that may hold a row that lies in one of the boxes. All boxes are of the same columns."""
        found = self.of_each(boxes)
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)

    def of_each(self, boxes: Sequence[Box]) -> list[np.ndarray]:
        """For each box some leaves, as `meeting`."""
        if not boxes:
            return []
        # A look at all leaves costs more than one at few of them for each box.
        near = self._meeting(_around(boxes), np.arange(self.count))
        return [self._meeting(box, near) for box in boxes]

    def _meeting(self, box: Box, among: np.ndarray) -> np.ndarray:
        met = np.ones(len(among), np.bool_)
        for name, low, high in ((box.x, box.x0, box.x1), (box.y, box.y0, box.y1)):
            if name is not None and name in self.zones:
                least, greatest = self.zones[name]
                met &= (least[among] <= high) & (greatest[among] >= low)
        if {box.x, box.y} == {self.x, self.y}:
            met &= among < self.placed
        return among[met]

    def runs(self, chosen: np.ndarray) -> list[tuple[int, int]]:
        """The rows of some leaves, as runs: (first row, row after the last)."""
        parts = np.split(chosen, np.flatnonzero(np.diff(chosen) > 1) + 1) if len(chosen) else []
        return [(int(self.starts[part[0]]), int(self.starts[part[-1] + 1])) for part in parts]


def _around(boxes: Sequence[Box]) -> Box:
    """The least box that holds all of them."""
    first = boxes[0]
    sides = [(box.x0, box.x1, box.y0, box.y1) for box in boxes]
    x0, _, y0, _ = np.min(sides, axis=0).tolist()
    _, x1, _, y1 = np.max(sides, axis=0).tolist()
    return Box(first.x, x0, x1, first.y, y0, y1)


def leaves_of(entry: IndexEntry, starts: np.ndarray, zones: np.ndarray) -> Leaves:
    """The leaves out of the files of an index. Raises HalftoneError `data_corrupt`."""
    count = len(starts) - 1
    if count < 0 or len(zones) != 2 * count * len(entry.zoned) or entry.placed not in starts:
        raise HalftoneError(ErrorCode.DATA_CORRUPT, "The index of this version contradicts itself.")
    bounds = zones.reshape(len(entry.zoned), 2, count)
    by_name = {name: (low, high) for name, (low, high) in zip(entry.zoned, bounds, strict=True)}
    placed = int(np.searchsorted(starts, entry.placed))
    return Leaves(starts.astype(np.int64), placed, entry.x, entry.y, by_name)
