"""The cells of a block of rows, as text; rows with another number of cells are left out and named."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal, cast

import pyarrow as pa
import pyarrow.csv

from halftone_compute.ingest.limits import LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.csv.blocks import Block
    from halftone_compute.ingest.reading import Dialect

# The reader of Python, which says the lines of rows, has a bound of its own.
csv.field_size_limit(LINE_BYTES * 8)
_SAMPLE_TEXT = 80
# How databases write a missing value.
_NULL = b"\\N"


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row that has not as many cells as the header. `row` counts from 0 in its block, ragged rows included."""

    row: int
    cells: int
    text: str


@dataclass(frozen=True, slots=True)
class TextCells:
    """The rows of a block: a column of text for each that is wanted, and the rows that are not `width` cells."""

    block: Block
    width: int
    rows: int
    columns: tuple[Cells, ...]
    ragged: tuple[RaggedRow, ...]


class CellReader:
    """Divides blocks into `width` columns; only those at `places` are made. May be used by several threads."""

    def __init__(self, dialect: Dialect, width: int, places: Sequence[int]) -> None:
        self._dialect = dialect
        self._width = width
        names = [str(place) for place in range(width)]
        wanted = [names[place] for place in places] or names[:1]
        self._names = names
        ends = re.escape(dialect.delimiter.encode()) + rb"\r\n"
        self._null = re.compile(rb"(?:(?<=[" + ends + rb"])|\A)\\N(?=[" + ends + rb"]|\Z)")
        self._wanted = wanted
        self._is_empty = not places
        self._convert = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=wanted,
            strings_can_be_null=False,
            check_utf8=False,
        )

    def cells(self, block: Block) -> TextCells:
        ragged: list[RaggedRow] = []
        data = block.data
        if self._dialect.escape and _NULL in data:
            # Between delimiters it means missing; elsewhere the parser would drop the backslash.
            data = self._null.sub(b"", data)
        if self._width == 1 and block.is_last:
            # In a column alone an empty line is a missing cell, unless it only ends the file.
            data = data.rstrip(b"\r\n") + b"\n"
        table = self._table(data, ragged, is_last=block.is_last)
        columns = () if self._is_empty else tuple(_combined(column) for column in table.columns)
        return TextCells(block, self._width, table.num_rows, columns, tuple(ragged))

    def _table(self, data: bytes, ragged: list[RaggedRow], *, is_last: bool) -> pa.Table:
        def leave_out(row: pa.csv.InvalidRow) -> Literal["skip"]:
            ragged.append(RaggedRow((row.number or 1) - 1, row.actual_columns, row.text[:_SAMPLE_TEXT]))
            return "skip"

        if not data.strip(b"\r\n") and (self._width > 1 or is_last):
            return pa.table({name: pa.array([], pa.string()) for name in self._wanted})
        return pa.csv.read_csv(
            cast("IO[bytes]", pa.BufferReader(data)),
            read_options=pa.csv.ReadOptions(block_size=len(data) + 1, column_names=self._names, use_threads=False),
            parse_options=pa.csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=self._dialect.quote or False,
                escape_char=self._dialect.escape or False,
                newlines_in_values=True,
                ignore_empty_lines=self._width > 1,
                invalid_row_handler=leave_out,
            ),
            convert_options=self._convert,
        )


def rows_of(text: str, dialect: Dialect, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Rows by the reader of Python, each with the number of its first line, from 0. Blank lines are rows of no cells.

    Raises csv.Error, with `strict` also where text follows a closing quote or a quote is never closed.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        doublequote=True,
        strict=strict,
    )
    line = 0
    for row in reader:
        yield line, row
        line = reader.line_num


def lines_of(block: Block, dialect: Dialect, width: int, rows: Sequence[int]) -> list[int]:
    """The numbers in the file of the lines on which these rows of `block` begin; rows count from 0, in order."""
    is_plain = not dialect.quote or dialect.quote.encode() not in block.data
    if is_plain and (width == 1 or not _BLANK_LINE.search(block.data)):
        return [block.line + row for row in rows]
    wanted = iter(rows)
    found: list[int] = []
    row = next(wanted, None)
    count = 0
    for line, cells in rows_of(block.data.decode("utf-8", "replace"), dialect):
        if row is None:
            break
        if width > 1 and not cells:
            continue
        if count == row:
            found.append(block.line + line)
            row = next(wanted, None)
        count += 1
    return found


_BLANK_LINE = re.compile(rb"\n\r?\n|\A\r?\n")


def _combined(column: Cells) -> Cells:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
