"""Cells of text that did not fit the type of their column: counted, the first with their line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.reading import KEPT_CELLS, Unreadable, UnreadableCell

if TYPE_CHECKING:
    from collections.abc import Sequence

# A column keeps its type while at most this share of its cells does not fit.
SHARE = 0.01
# So many rows say enough to stop early: a file that is read wrongly is not read to its end.
ENOUGH = 100_000
# Letters of a cell or a row that are shown.
SHOWN = 80


class CellMisfits:
    """What did not fit so far, by column. Add in the order of the file."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._present = [0] * len(names)
        self._counts = [0] * len(names)
        self._cells: list[list[UnreadableCell]] = [[] for _ in names]

    def wants(self, place: int) -> bool:
        """Whether cells of this column are still to be named. Another thread may be adding some: that only costs."""
        return len(self._cells[place]) < KEPT_CELLS

    def add_cells(self, place: int, present: int, count: int, cells: Sequence[UnreadableCell]) -> None:
        """Of the column at `place`: how many cells are not missing, how many of these did not fit, and the first."""
        self._present[place] += present
        self._counts[place] += count
        self._cells[place] += cells[: KEPT_CELLS - len(self._cells[place])]

    def unreadable(self) -> dict[str, Unreadable]:
        """By column, those that have any."""
        return {
            name: Unreadable(count, tuple(cells))
            for name, count, cells in zip(self._names, self._counts, self._cells, strict=True)
            if count
        }

    def check_types(self, *, is_end: bool) -> None:
        """Raises TypesDifferError for a column of which more than 1 % of the cells do not fit."""
        for name, present, count in zip(self._names, self._present, self._counts, strict=True):
            if count > SHARE * present and (is_end or (present >= ENOUGH and count > 2 * SHARE * present)):
                raise TypesDifferError(name)
