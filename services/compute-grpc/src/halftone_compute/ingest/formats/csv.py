"""CSV and its family: text files of rows, divided by a dialect that is judged; tab and bar separated ones too."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.csv.cells import CellReader
from halftone_compute.ingest.csv.misfits import Misfits, found_misfits
from halftone_compute.ingest.csv.table import opened_table
from halftone_compute.ingest.format import Batch, Format, TypesDifferError
from halftone_compute.ingest.judge.columns import TextColumns
from halftone_compute.ingest.limits import BATCH_CELLS
from halftone_compute.ingest.reading import Reading
from halftone_compute.ingest.text.bytes import NotUtf8Error
from halftone_compute.parallel import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.csv.blocks import Block
    from halftone_compute.ingest.csv.misfits import BlockMisfits
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Unreadable, Wishes
    from halftone_compute.store.manifest import Skipped

_ENDINGS = ("csv", "tsv", "psv", "txt")
_PACKINGS = ("", ".gz", ".zst", ".bz2", ".zip")
# Types are judged by the start of the file: the first block is small, the others have 4 MiB.
_JUDGED_BLOCKS = 3


class CsvReader:
    """A text file of rows. With `whole`, types are judged by all of it, as they are where the file is short.

    Raises HalftoneError `empty_file`, `bad_column_name`, `too_many_columns`, `ragged_row`, `param_invalid`, and what
    TextBytes raises; without `whole`, `batches` also raises TypesDifferError.
    """

    skipped: tuple[Skipped, ...] = ()
    rows_total: int | None = None

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        self._whole = whole
        try:
            self._open(path, budget, wishes, is_western=False)
        except NotUtf8Error:
            self._open(path, budget, wishes, is_western=True)

    def _open(self, path: Path, budget: Budget, wishes: Wishes, *, is_western: bool) -> None:
        self._table = opened_table(path, budget, wishes, is_western=is_western)
        self._judged = TextColumns(self._table.names, wishes, self._table.units, self._table.dialect)
        self._width = len(self._judged.sources)
        self._misfits = Misfits((), self._width)
        self._judge()
        self._places = self._judged.places
        self.columns = self._judged.columns
        self._cells = CellReader(self._table.dialect, self._width, self._places)
        self._misfits = Misfits([column.name for column in self.columns], self._width)

    @property
    def reading(self) -> Reading:
        """Once all rows are read, it says too what was left out of them."""
        return Reading(
            "csv",
            self._judged.readings,
            replace(self._table.dialect, thousands=self._judged.thousands),
            (*self._table.warnings, *self._judged.warnings, *self._misfits.warnings()),
        )

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        return self._misfits.unreadable()

    def batches(self) -> Iterator[Batch]:
        try:
            for block, arrays, rows, misfits in in_order(self._converted, self._table.blocks()):
                self._misfits.add(misfits)
                if not self._whole:
                    self._misfits.check_types(is_end=False)
                yield from _split(rows, arrays, block.file_bytes)
        except NotUtf8Error as error:
            raise TypesDifferError("encoding") from error
        self._misfits.check_rows()
        if not self._whole:
            self._misfits.check_types(is_end=True)

    def _judge(self) -> None:
        reader = CellReader(self._table.dialect, self._width, range(self._width))
        rows = 0
        blocks = islice(self._table.blocks(), None if self._whole else _JUDGED_BLOCKS)
        for cells in in_order(reader.cells, blocks):
            self._judged.add(cells.columns)
            rows += cells.rows
            if rows == 0 and cells.ragged:
                self._misfits.add(found_misfits(cells, (), (), self._table.dialect, self._misfits))
                self._misfits.check_rows()
            self._whole = self._whole or cells.block.is_last
        self._judged.finish()
        if rows == 0:
            raise HalftoneError(ErrorCode.EMPTY_FILE)

    def _converted(self, block: Block) -> tuple[Block, Sequence[Cells], int, BlockMisfits]:
        cells = self._cells.cells(block)
        arrays, missing, bad = [], [], []
        for place, column in zip(self._places, cells.columns, strict=True):
            found = self._judged.converted(place, column)
            arrays.append(found.array)
            missing.append(found.missing)
            bad.append(found.bad)
        return block, arrays, cells.rows, found_misfits(cells, missing, bad, self._table.dialect, self._misfits)


def _split(rows: int, arrays: Sequence[Cells], bytes_read: int) -> Iterator[Batch]:
    step = max(1, BATCH_CELLS // max(1, len(arrays)))
    for start in range(0, rows, step):
        yield Batch(min(step, rows - start), [array.slice(start, step) for array in arrays], bytes_read)


FORMAT = Format("CSV", tuple(ending + packing for ending in _ENDINGS for packing in _PACKINGS), CsvReader)
