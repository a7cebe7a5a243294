"""Excel and OpenDocument: one sheet of a workbook, its header found by evidence."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.csv.dialect import Candidate
from halftone_compute.ingest.csv.head import found_head
from halftone_compute.ingest.format import Batch, Format
from halftone_compute.ingest.judge.columns import TextColumns
from halftone_compute.ingest.judge.misfits import SHOWN, CellMisfits
from halftone_compute.ingest.limits import batch_rows, check_columns
from halftone_compute.ingest.reading import KEPT_CELLS, Dialect, Reading, ReadingWarning, UnreadableCell
from halftone_compute.ingest.sheets.workbook import opened_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.csv.head import Head
    from halftone_compute.ingest.judge.convert import Converted
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Unreadable, Wishes
    from halftone_compute.ingest.sheets.workbook import Sheet
    from halftone_compute.store.manifest import Skipped

# The header is judged from so many rows.
_JUDGED_ROWS = 200
# What a sheet has of a dialect; its cells are not divided by anything.
_SHEET = Dialect(delimiter="", quote="", encoding="")
_PARTS = ("header", "above", "units_row", "sheet")


class ExcelReader:
    """A sheet, which its library holds in memory; types are always judged by all of it.

    Raises HalftoneError `empty_file`, `type_mismatch`, `too_large_uncompressed`, `too_many_columns`, `bad_column_name`
    or `param_invalid`.
    """

    skipped: tuple[Skipped, ...] = ()

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        del whole
        self._bytes = path.stat().st_size
        wished = dict(wishes.dialect)
        if wishes.firm:
            _check_wished(wished)
        self._sheet = opened_sheet(path, budget, wished.get("sheet", ""), is_firm=wishes.firm)
        check_columns(self._sheet.width)
        self._head = _found_head(self._sheet, wished if wishes.firm else {})
        self._judged = TextColumns(self._head.names, wishes, self._head.units)
        self.rows_total = 0
        for rows in self._chunks():
            self.rows_total += len(rows)
            self._judged.add(_columns(rows))
        if self.rows_total == 0:
            raise HalftoneError(ErrorCode.EMPTY_FILE)
        self._judged.finish()
        self.columns = self._judged.columns
        self._misfits = CellMisfits([column.name for column in self.columns])

    @property
    def reading(self) -> Reading:
        others = ", ".join(self._sheet.others)
        said = [ReadingWarning("sheet", f"The sheet {self._sheet.name} is read, not: {others}.")] if others else []
        return Reading(
            "excel",
            self._judged.readings,
            self._head.dialect,
            (*said, *self._head.warnings, *self._judged.warnings),
            (self._sheet.name, *self._sheet.others),
        )

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        return self._misfits.unreadable()

    def batches(self) -> Iterator[Batch]:
        for rows in self._chunks():
            columns = _columns(rows)
            arrays = []
            for place, source in enumerate(self._judged.places):
                found = self._judged.converted(source, columns[source])
                self._add_misfits(place, source, found, rows)
                arrays.append(found.array)
            yield Batch(len(rows), arrays, self._bytes * (rows[-1][0] + 1) // self._sheet.height)

    def _chunks(self) -> Iterator[Sequence[tuple[int, list[str]]]]:
        """The rows below the header, many at once."""
        step = batch_rows(self._sheet.width)
        rows = (row for row in self._sheet.rows() if row[0] >= self._head.line >= 0)
        while chunk := list(islice(rows, step)):
            yield chunk

    def _add_misfits(self, place: int, source: int, found: Converted, rows: Sequence[tuple[int, list[str]]]) -> None:
        first = [rows[row] for row in found.bad[:KEPT_CELLS].tolist()]
        cells = [UnreadableCell(number + 1, row[source][:SHOWN]) for number, row in first]
        self._misfits.add_cells(place, len(rows) - found.missing, len(found.bad), cells)


def _check_wished(wished: Mapping[str, Any]) -> None:
    for key, value in wished.items():
        if key not in _PARTS and value != getattr(_SHEET, key):
            raise HalftoneError(
                ErrorCode.PARAM_INVALID, "A sheet is not divided by text.", field=f"reading.dialect.{key}"
            )


def _found_head(sheet: Sheet, wished: Mapping[str, Any]) -> Head:
    """Raises HalftoneError `empty_file`, and `param_invalid` for more rows above than there are."""
    above = wished.get("above", 0)
    below = (row for row in sheet.rows() if row[0] >= above)
    rows = [(number - above, cells) for number, cells in islice(below, _JUDGED_ROWS)]
    if not rows and not above:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    if not rows or above < 0:
        raise HalftoneError(
            ErrorCode.PARAM_INVALID, "So many rows are not in the sheet.", field="reading.dialect.above"
        )
    candidate = Candidate(
        replace(_SHEET, sheet=sheet.name), tuple(_without_titles(rows, sheet.width)), sheet.width, 1.0
    )
    return found_head(candidate, above, "", wished)


def _without_titles(rows: Sequence[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows at the top with one filled cell end at it: they are titles where others have more."""
    filled = [sum(map(bool, cells)) for _, cells in rows]
    first = next((place for place, count in enumerate(filled) if count > 1), 0)
    for place, (number, cells) in enumerate(rows):
        end = max(at for at, cell in enumerate(cells, 1) if cell) if place < first else width
        yield number, tuple(cells[:end])


def _columns(rows: Sequence[tuple[int, list[str]]]) -> list[Cells]:
    return [pa.array(column, pa.string()) for column in zip(*(cells for _, cells in rows), strict=True)]


FORMAT = Format("Excel", ("xlsx", "xlsm", "xls", "ods"), ExcelReader, (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
