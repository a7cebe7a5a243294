"""A random table, written and read back: what became of it, cell by cell."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from halftone_compute.ingest.columns import Kind, column_names
from halftone_compute.ingest.formats.csv import CsvReader
from halftone_compute.ingest.judge.misfits import SHOWN
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Wishes
from halftone_servicekit.errors import HalftoneError

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.reading import Unreadable

    from ingest_rig.random_tables import Column, WrittenTable

# What is said about the form of a table, and about its numbers.
_FORM = {"above", "no_header", "header", "delimiter", "units", "ragged_row"}
_NUMBERS = {"decimal", "groups", "delimiter"}
_LABELS = {"quotes", "delimiter"}
_MISSING = ("", "\\N", "<NA>")


def compared(folder: Path, table: WrittenTable) -> tuple[str, object]:
    """same, said, refused or silent; and what differs."""
    (folder / "source").write_bytes(table.data)
    try:
        reader = CsvReader(folder / "source", Budget(len(table.data), 1 << 40), Wishes())
        columns: list[list[Any]] = [[] for _ in reader.columns]
        for batch in reader.batches():
            for column, array in zip(columns, batch.arrays, strict=True):
                column.extend(array.to_pylist())
    except HalftoneError as error:
        return "refused", error.detail
    said = {warning.code for warning in reader.reading.warnings}
    form = _form_difference(table, reader, columns)
    if form is not None:
        return ("said" if said & _FORM else "silent"), form
    for written, found, values in zip(table.columns, reader.columns, columns, strict=True):
        if (difference := _difference(written, found.kind, values, reader.unreadable.get(found.name))) is None:
            continue
        if not said & (_LABELS if found.kind is Kind.CATEGORY else _NUMBERS):
            return "silent", (found.name, difference)
        return "said", difference
    return "same", None


def _form_difference(table: WrittenTable, reader: CsvReader, columns: list[list[Any]]) -> object:
    if len(columns) != len(table.columns):
        return f"{len(columns)} columns"
    if len(columns[0]) != len(table.columns[0].values):
        return f"{len(columns[0])} rows"
    names = [column.name for column in reader.columns]
    if table.dialect["header"] and names != column_names([column.name for column in table.columns]):
        return names
    return None


def _difference(written: Column, kind: Kind, values: list[Any], unreadable: Unreadable | None) -> object:
    """The first cell that is another value; one that is named as not read is none."""
    named = {cell.text.strip() for cell in unreadable.cells} if unreadable else set()
    for value, cell, found in zip(written.values, written.cells, values, strict=True):
        is_missing = found is None or found != found
        if value is None:
            same = is_missing or (kind is Kind.CATEGORY and found == cell)
        elif kind is Kind.CATEGORY:
            same = found == cell or (is_missing and cell in _MISSING)
        elif kind is Kind.TIME:
            same = written.kind == "time" and not is_missing and found.replace(tzinfo=UTC) == value
        else:
            same = written.kind in ("whole", "real", "affix", "duration") and found == value
        if not same and not (is_missing and cell.strip()[:SHOWN] in named):
            return cell, found
    return None
