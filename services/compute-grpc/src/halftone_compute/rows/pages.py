"""One page of the rows that match a question, in its order.

A page near the start of an order is kept while all matching rows go by once. For one far down, the row that it begins
with is found first (`nth`). So memory is bounded by the page and one part of a block, however many rows there are.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute import metrics
from halftone_compute.rows.best import Best, RowKeys
from halftone_compute.rows.chosen import Chosen
from halftone_compute.rows.nth import nth
from halftone_compute.rows.order import RowOrder, order_of
from halftone_compute.rows.texts import BestTexts
from halftone_compute.store.base import ROW_NUMBER, Block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from halftone_compute.backends.base import Cancel
    from halftone_compute.rows.question import RowsQuestion
    from halftone_compute.store.base import Cells, Runs

# Rows that are kept in memory at a time: 24 bytes each, twice while they are put in order.
KEPT_ROWS = 1 << 16
# Rows that are looked at together.
PART_ROWS = 1 << 18


@dataclass(frozen=True, slots=True)
class Page:
    """`numbers` of the rows of the page, int64, their places in the file; `cells` by column. `matching` rows there are
    on all pages; `rows_read` were read to find them, `ms` it took.
    """

    matching: int
    numbers: np.ndarray
    cells: dict[str, Cells]
    rows_read: int
    ms: float


def page_of(question: RowsQuestion, cancel: Cancel) -> Page:
    """Raises HalftoneError `cancelled`, `render_too_large` for more text than a page may have, or what the store
    raises.
    """
    started = time.perf_counter()
    search = _Search(question, cancel)
    matching, rows = search.page()
    version = question.version
    cells = version.cells(question.columns, rows.places, rows.numbers, cancel.check)
    metrics.ROWS_SCANNED.inc(search.rows_read)
    return Page(matching, rows.numbers, dict(cells), search.rows_read, (time.perf_counter() - started) * 1000)


class _Search:
    """Goes through the rows that may match, as often as it takes. Rows without a value follow all others, by number."""

    def __init__(self, question: RowsQuestion, cancel: Cancel) -> None:
        self.rows_read = 0
        self._question = question
        self._version = question.version
        self._cancel = cancel
        self._chosen = Chosen(question)
        sort = question.sort
        by_label = sort is not None and question.version.columns[sort.column].type == "category"
        labels = question.version.labels_of(sort.column, cancel.check) if sort is not None and by_label else []
        self._order: RowOrder = order_of(question, list(labels))
        self._runs: Runs | None = self._chosen.runs(cancel.check)

    def page(self) -> tuple[int, RowKeys]:
        """How many rows match, and those of the page in their order."""
        question = self._question
        first, stop = question.offset, question.offset + question.limit
        if question.is_whole and question.sort is None:
            return self._version.rows, self._in_file_order(first, min(stop, self._version.rows))
        kept = stop if stop <= KEPT_ROWS else 0
        texts = self._texts(stop)
        if texts is not None:
            kept = stop
        valued, missing = texts or Best(kept), Best(kept)
        for rows, lacks in self._passed():
            if lacks is None:
                valued.add(rows)
            else:
                valued.add(rows.where(~lacks))
                missing.add(_by_number(rows.where(lacks)))
        matching = valued.count + missing.count
        if kept:
            return matching, valued.rows().joined(missing.rows()).part(first, stop)
        return matching, self._far_down(valued, missing)

    def _texts(self, most: int) -> BestTexts | None:
        """What keeps the first rows in the order of a text."""
        sort = self._question.sort
        if sort is None or self._version.columns[sort.column].type != "text":
            return None
        return BestTexts(self._version.texts_of(sort.column, self._cancel.check), most, descending=sort.descending)

    def _far_down(self, valued: Best, missing: Best) -> RowKeys:
        """The page out of two stretches of the order: rows with a value, and those without one, as counted."""
        first, count = self._question.offset, valued.count
        stop = min(first + self._question.limit, count + missing.count)
        with_value = self._stretch(self._valued, first, min(stop, count), valued.bounds)
        without = self._stretch(self._missing, max(first - count, 0), stop - count, missing.bounds)
        return with_value.joined(without)

    def _stretch(
        self, passed: Callable[[], Iterator[RowKeys]], first: int, stop: int, bounds: tuple[int, int]
    ) -> RowKeys:
        best = Best(max(stop - first, 0))
        if stop > first:
            key, number = nth(passed, first, KEPT_ROWS, bounds)
            start = np.uint64(key)
            for rows in passed():
                behind = (rows.keys > start) | ((rows.keys == start) & (rows.numbers >= number))
                best.add(rows.where(behind))
        return best.rows()

    def _in_file_order(self, first: int, stop: int) -> RowKeys:
        """Rows of the file by their numbers alone."""
        best = Best(max(stop - first, 0))
        if stop <= first:
            return best.rows()
        if self._version.is_in_file_order:
            self._runs = [(first, stop)]
        for rows, _ in self._passed():
            best.add(rows.where((rows.numbers >= first) & (rows.numbers < stop)))
        return best.rows()

    def _valued(self) -> Iterator[RowKeys]:
        for rows, lacks in self._passed():
            yield rows if lacks is None else rows.where(~lacks)

    def _missing(self) -> Iterator[RowKeys]:
        for rows, lacks in self._passed():
            if lacks is not None:
                yield _by_number(rows.where(lacks))

    def _passed(self) -> Iterator[tuple[RowKeys, np.ndarray | None]]:
        """The rows that match, a part of a block at a time, and which of them lack a value: bool of shape (rows,)."""
        columns = tuple(dict.fromkeys((*self._chosen.columns, *self._order.columns, ROW_NUMBER)))
        for block in self._version.blocks(columns, self._runs, self._cancel.check):
            length = len(block.values[ROW_NUMBER])
            self.rows_read += length
            for start in range(0, length, PART_ROWS):
                self._cancel.check()
                yield self._matching(_part(block, start, min(start + PART_ROWS, length)))

    def _matching(self, part: Block) -> tuple[RowKeys, np.ndarray | None]:
        numbers = part.values[ROW_NUMBER]
        places = np.arange(part.start, part.start + len(numbers))
        mask = self._chosen.mask(part)
        if mask is not None:
            at = np.flatnonzero(mask)
            part, numbers, places = _taken(part, at), numbers[at], places[at]
        keys, missing = self._order.keys(part)
        return RowKeys(keys, numbers, places), missing


def _by_number(rows: RowKeys) -> RowKeys:
    return RowKeys(rows.numbers.astype(np.uint64), rows.numbers, rows.places)


def _part(block: Block, start: int, stop: int) -> Block:
    return _cut(block, slice(start, stop), block.start + start)


def _taken(block: Block, at: np.ndarray) -> Block:
    return _cut(block, at, block.start)


def _cut(block: Block, rows: slice | np.ndarray, start: int) -> Block:
    values = {name: array[rows] for name, array in block.values.items()}
    return Block(start, values, {name: array[rows] for name, array in block.valid.items()})
