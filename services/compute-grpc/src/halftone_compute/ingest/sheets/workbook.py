"""A workbook of Excel or OpenDocument, and the sheet of it that is read."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from halftone_servicekit.errors import ErrorCode, HalftoneError
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from halftone_compute.ingest.sheets.cells import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from python_calamine import CalamineSheet

    from halftone_compute.ingest.limits import Budget

_ZIP = b"PK\x03\x04"


class Sheet:
    """One sheet: `name`, `width` columns from the first that is used, `height` rows down to the last that is used.

    `others` are the names of all sheets of the workbook that could be read in its place.
    """

    def __init__(self, sheet: CalamineSheet, others: tuple[str, ...]) -> None:
        self._sheet = sheet
        self.name = sheet.name
        self.width = sheet.width
        self.height = sheet.total_height
        self.others = others

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that have a filled cell, as text of `width` cells, each with its number from 0."""
        for number, row in enumerate(self._sheet.iter_rows()):
            cells = [text_of(cell) for cell in row]
            if any(cells):
                yield number, cells


def opened_sheet(path: Path, budget: Budget, name: str = "", *, is_firm: bool = True) -> Sheet:
    """The sheet of that name; without one the first that has cells. One that is not `is_firm` may be missing.

    Raises HalftoneError `empty_file`, `type_mismatch`, `too_large_uncompressed`, or `param_invalid` for the name.
    """
    if path.stat().st_size == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    with _damaged(), path.open("rb") as file:
        _check_unpacked(file, budget)
        workbook = CalamineWorkbook.from_filelike(file)
        names = [each.name for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        if name and name not in names:
            if is_firm:
                raise HalftoneError(
                    ErrorCode.PARAM_INVALID, f"The workbook has no sheet {name!r}.", field="reading.dialect.sheet"
                )
            name = ""
        sheets = (workbook.get_sheet_by_name(each) for each in ([name] if name else names))
        sheet = next((each for each in sheets if each.height), None)
    if sheet is None:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    return Sheet(sheet, tuple(each for each in names if each != sheet.name))


def _check_unpacked(file: BinaryIO, budget: Budget) -> None:
    """Workbooks are zip archives of XML, but for the oldest ones."""
    if file.read(len(_ZIP)) == _ZIP:
        with zipfile.ZipFile(file) as archive:
            budget.check(sum(member.file_size for member in archive.infolist()))
    file.seek(0)


@contextmanager
def _damaged() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The workbook has a password.") from error
    except (CalamineError, zipfile.BadZipFile) as error:
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The workbook is damaged, or of another format.") from error
