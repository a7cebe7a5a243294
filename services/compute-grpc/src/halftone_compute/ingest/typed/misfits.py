"""Cells that did not fit the type of their column: how many, and the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.ingest.reading import KEPT_CELLS, Unreadable, UnreadableCell

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.ingest.columns import Cells

_TEXT = 200


class Misfits:
    """Counts by column, batch by batch. The line of a cell is its row, from 1."""

    def __init__(self) -> None:
        self.found: dict[str, Unreadable] = {}
        self._rows = 0

    def add(self, name: str, cells: Cells, unfit: np.ndarray | None, shown: Callable[[object], str] = str) -> None:
        """`unfit` of shape (rows,) is True for the cells that did not fit."""
        if unfit is None or not unfit.any():
            return
        known = self.found.get(name, Unreadable())
        first = np.flatnonzero(unfit)[: KEPT_CELLS - len(known.cells)].tolist()
        kept = tuple(UnreadableCell(self._rows + row + 1, shown(cells[row].as_py())[:_TEXT]) for row in first)
        self.found[name] = Unreadable(known.count + int(np.count_nonzero(unfit)), known.cells + kept)

    def next(self, rows: int) -> None:
        """The batch of so many rows is done."""
        self._rows += rows
