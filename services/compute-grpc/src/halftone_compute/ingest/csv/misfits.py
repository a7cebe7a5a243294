"""What did not fit: rows of another number of cells, cells of another type; counted, the first with their line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.csv.blocks import torn_quotes
from halftone_compute.ingest.csv.cells import lines_of
from halftone_compute.ingest.judge.misfits import ENOUGH, SHARE, SHOWN, CellMisfits
from halftone_compute.ingest.reading import KEPT_CELLS, ReadingWarning, UnreadableCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.ingest.csv.cells import TextCells
    from halftone_compute.ingest.reading import Dialect


@dataclass(frozen=True, slots=True)
class BlockMisfits:
    """Of one block: rows and ragged rows; by column, how many cells are there, how many did not fit, and the first."""

    rows: int
    ragged_count: int
    ragged: tuple[tuple[int, int, str], ...]
    torn_count: int
    torn: tuple[int, ...]
    present: tuple[int, ...]
    counts: tuple[int, ...]
    cells: tuple[tuple[UnreadableCell, ...], ...]


class Misfits(CellMisfits):
    """What did not fit in the blocks so far, added in their order."""

    def __init__(self, names: Sequence[str], width: int) -> None:
        super().__init__(names)
        self._width = width
        self._rows = 0
        self._ragged_count = 0
        self._ragged: list[tuple[int, int, str]] = []
        self._torn_count = 0
        self._torn: list[int] = []

    def add(self, found: BlockMisfits) -> None:
        self._rows += found.rows
        self._ragged_count += found.ragged_count
        self._ragged += found.ragged[: KEPT_CELLS - len(self._ragged)]
        self._torn_count += found.torn_count
        self._torn += found.torn[: KEPT_CELLS - len(self._torn)]
        for place, count in enumerate(found.counts):
            self.add_cells(place, found.present[place], count, found.cells[place])
        if self._rows + self._ragged_count >= ENOUGH:
            self.check_rows()

    def warnings(self) -> list[ReadingWarning]:
        warnings = []
        if self._ragged_count:
            rows = "1 row" if self._ragged_count == 1 else f"{self._ragged_count:,} rows"
            named = "; ".join(f"line {line:,} has {cells:,}: {text}" for line, cells, text in self._ragged)
            warnings.append(
                ReadingWarning("ragged_row", f"{rows} left out, of other than {self._width:,} cells: {named}.")
            )
        if self._torn_count:
            lines = ", ".join(f"{line:,}" for line in self._torn)
            warnings.append(
                ReadingWarning(
                    "quotes",
                    f"Text follows a closing quote in {self._torn_count:,} cells; quotes left out: line {lines}.",
                )
            )
        return warnings

    def check_rows(self) -> None:
        """Raises HalftoneError `ragged_row` where more than 1 % of the rows are ragged."""
        if self._ragged_count > SHARE * (self._rows + self._ragged_count):
            line, cells, _ = self._ragged[0]
            others = f" {self._ragged_count:,} of {self._rows + self._ragged_count:,} rows have another number."
            raise HalftoneError(
                ErrorCode.RAGGED_ROW,
                f"Line {line:,} has {cells:,} cells, the header {self._width:,}."
                + (others if self._ragged_count > 1 else ""),
            )


def found_misfits(
    cells: TextCells, missing: Sequence[int], bad: Sequence[np.ndarray], dialect: Dialect, so_far: Misfits
) -> BlockMisfits:
    """Of the converted columns of a block: `missing` is how many cells of each are missing, `bad` are the rows that
    did not fit, int64.
    """
    named = [rows[:KEPT_CELLS] if so_far.wants(place) else rows[:0] for place, rows in enumerate(bad)]
    ragged_rows = np.array([row.row for row in cells.ragged], np.int64)
    # Rows of the table are counted without the ragged ones, lines with them.
    parsed = [rows + _ragged_before(rows, ragged_rows) for rows in named]
    wanted = sorted({*np.concatenate([*parsed, ragged_rows[:KEPT_CELLS]]).tolist()})
    lines = dict(zip(wanted, lines_of(cells.block, dialect, cells.width, wanted), strict=True)) if wanted else {}
    torn = torn_quotes(cells.block.data, dialect)
    return BlockMisfits(
        rows=cells.rows,
        ragged_count=len(cells.ragged),
        ragged=tuple((lines[row.row], row.cells, row.text) for row in cells.ragged[:KEPT_CELLS]),
        torn_count=len(torn),
        torn=tuple(cells.block.line + cells.block.data.count(b"\n", 0, int(place)) for place in torn[:KEPT_CELLS]),
        present=tuple(cells.rows - count for count in missing),
        counts=tuple(map(len, bad)),
        cells=tuple(
            tuple(
                UnreadableCell(lines[line], column[int(row)].as_py()[:SHOWN])
                for row, line in zip(rows, places.tolist(), strict=True)
            )
            for column, rows, places in zip(cells.columns[: len(bad)], named, parsed, strict=True)
        ),
    )


def _ragged_before(rows: np.ndarray, ragged: np.ndarray) -> np.ndarray:
    """How many ragged rows stand before each of `rows`, which are counted without them."""
    return np.searchsorted(ragged - np.arange(len(ragged)), rows, side="right")
