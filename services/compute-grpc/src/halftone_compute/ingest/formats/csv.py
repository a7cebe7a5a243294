"""CSV: one header line, then rows; delimiter and types are found by trying.

Types are first found on the start of the file. When a later value does not fit, TypesDifferError asks for a second
attempt, with types found on all of it.
"""

from __future__ import annotations

import csv
import re
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.csv
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import column_names, plain_reading
from halftone_compute.ingest.format import Batch, Format
from halftone_compute.ingest.limits import BATCH_CELLS, LINE_BYTES, check_columns
from halftone_compute.ingest.text import TextBytes
from halftone_compute.ingest.text_types import converted, text_column, widened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Unreadable, Wishes
    from halftone_compute.store.manifest import Skipped

DELIMITERS = (",", ";", "\t", "|")
_BLOCK_BYTES = 8 << 20
_PREFIX_BLOCKS = 2
_SNIFFED_LINES = 20
_BAD_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


class CsvReader:
    """A CSV file. With `whole`, types are found on all of it.

    Raises HalftoneError `empty_file`, `bad_column_name`, `too_many_columns`, `ragged_row`, and what TextBytes raises;
    without `whole`, `batches` also raises TypesDifferError.
    """

    skipped: tuple[Skipped, ...] = ()
    rows_total: int | None = None
    unreadable: Mapping[str, Unreadable] = MappingProxyType({})

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        del wishes
        self._path = path
        self._budget = budget
        types = self._found_types(whole=whole)
        with _Rows(path, budget) as rows:
            names = column_names(rows.header)
        self.columns = tuple(text_column(name, dtype) for name, dtype in zip(names, types, strict=True))
        self._types = types
        self.reading = plain_reading("csv", self.columns)

    def batches(self) -> Iterator[Batch]:
        with _Rows(self._path, self._budget) as rows:
            for batch in rows.batches():
                arrays = [converted(cells, dtype) for cells, dtype in zip(batch.columns, self._types, strict=True)]
                yield Batch(batch.num_rows, arrays, rows.file_bytes)

    def _found_types(self, *, whole: bool) -> list[pa.DataType]:
        with _Rows(self._path, self._budget) as rows:
            types: list[pa.DataType | None] = [None] * len(rows.header)
            seen = 0
            for place, batch in enumerate(rows.batches()):
                if place == _PREFIX_BLOCKS and not whole:
                    break
                seen += batch.num_rows
                types = [widened(known, cells) for known, cells in zip(types, batch.columns, strict=True)]
        if seen == 0:
            raise HalftoneError(ErrorCode.EMPTY_FILE)
        # A column without any value is a number column of nulls.
        return [pa.float64() if dtype is None else dtype for dtype in types]


class _Rows:
    """The header and then the rows of a file, every cell as text."""

    def __init__(self, path: Path, budget: Budget) -> None:
        self._bytes = TextBytes(path, budget)
        try:
            self.header, self._delimiter, self._header_lines = self._read_header()
        except BaseException:
            self._bytes.close()
            raise

    def __enter__(self) -> _Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()

    @property
    def file_bytes(self) -> int:
        return self._bytes.file_bytes

    def batches(self) -> Iterator[pa.RecordBatch]:
        start = self._bytes.read(1)
        if not start:
            return
        self._bytes.give_back(start)
        last = None
        try:
            for batch in self._reader():
                if batch.num_rows:
                    last = batch
                    yield from _split(batch)
        except pa.ArrowInvalid as error:
            raise self._bad_row(str(error)) from error
        if last is not None:
            self._check_quotes(last)

    def _reader(self) -> pa.csv.CSVStreamingReader:
        names = [str(place) for place in range(len(self.header))]
        return pa.csv.open_csv(
            cast("IO[bytes]", self._bytes),
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES, column_names=names, use_threads=False),
            parse_options=pa.csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )

    def _read_header(self) -> tuple[list[str], str, int]:
        start = self._bytes.read(2 * LINE_BYTES)
        lines = start.decode("utf-8", "ignore").splitlines(keepends=True)
        blank = next((place for place, line in enumerate(lines) if line.strip()), None)
        if blank is None:
            raise HalftoneError(ErrorCode.EMPTY_FILE)
        lines = lines[blank:]
        delimiter = _sniffed(lines)
        reader = csv.reader(iter(lines), delimiter=delimiter)
        header = next(reader)
        check_columns(len(header))
        used = blank + reader.line_num
        consumed = b"".join(start.splitlines(keepends=True)[:used])
        self._bytes.give_back(start[len(consumed) :])
        return header, delimiter, used

    def _bad_row(self, message: str) -> HalftoneError:
        found = _BAD_ROW.search(message)
        if found is None:
            return HalftoneError(ErrorCode.RAGGED_ROW, "A row is longer than 8 MiB; a quote may have been left open.")
        row, expected, got = (int(group) for group in found.groups())
        return HalftoneError(
            ErrorCode.RAGGED_ROW, f"Line {row + self._header_lines} has {got} cells, the header {expected}."
        )

    def _check_quotes(self, last: pa.RecordBatch) -> None:
        """The parser accepts a quote that is never closed, and puts the rest of the file into the last cell."""
        cell = str(last.column(last.num_columns - 1)[-1].as_py())
        if "\n" in cell and self._bytes.tail != b'"':
            raise HalftoneError(ErrorCode.RAGGED_ROW, "A quote in the last rows is never closed.")


def _split(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = max(1, BATCH_CELLS // batch.num_columns)
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _sniffed(lines: list[str]) -> str:
    """The delimiter that splits the header and gives the first lines equally many cells; among several, the most."""

    def score(delimiter: str) -> tuple[bool, bool, int]:
        rows = [len(row) for row in csv.reader(iter(lines[:_SNIFFED_LINES]), delimiter=delimiter) if row]
        # The last line may be incomplete.
        same = len(set(rows[:-1] or rows)) == 1
        return rows[0] > 1, same, rows[0]

    return max(DELIMITERS, key=score)


FORMAT = Format("CSV", ("csv",), CsvReader)
