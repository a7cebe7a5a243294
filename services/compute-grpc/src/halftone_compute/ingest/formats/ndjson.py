"""NDJSON, also known as JSON lines: one object a line, nested ones as dotted columns."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import column_names
from halftone_compute.ingest.csv.blocks import blocks
from halftone_compute.ingest.format import Batch, Format, TypesDifferError
from halftone_compute.ingest.judge.columns import TextColumns
from halftone_compute.ingest.judge.misfits import SHOWN
from halftone_compute.ingest.limits import batch_rows, check_columns
from halftone_compute.ingest.ndjson.misfits import LineMisfits
from halftone_compute.ingest.ndjson.records import Values, records_of
from halftone_compute.ingest.reading import KEPT_CELLS, Dialect, Reading, ReadingWarning, UnreadableCell
from halftone_compute.ingest.text.bytes import NotUtf8Error, TextBytes
from halftone_compute.ingest.text.encoding import WESTERN, encoding_sentence
from halftone_compute.parallel import in_order
from halftone_compute.store.manifest import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.csv.blocks import Block
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.ndjson.records import Path as KeyPath
    from halftone_compute.ingest.ndjson.records import Records
    from halftone_compute.ingest.reading import Unreadable, Wishes

_PACKINGS = ("", ".gz", ".zst", ".bz2", ".zip")
# Types are judged by the start of the file: the first block is small, the others have 4 MiB.
_JUDGED_BLOCKS = 3
# Lines are never divided at quotes.
_LINES = Dialect(quote="")
# Longer ones are refused by their length.
_NAME = 2_000
_LISTS = "its cells are lists, and a column holds one value a row"


@dataclass(frozen=True, slots=True)
class _Column:
    """The values of one column in a block: an array of those that are there, and where each row finds its own; null
    where it has none. `present` cells are not missing, `bad` are the rows of those that did not fit, int64.
    """

    array: Cells
    places: Cells | None
    present: int
    bad: np.ndarray

    def slice(self, start: int, rows: int) -> Cells:
        if self.places is None:
            return self.array.slice(start, rows)
        return self.array.take(self.places.slice(start, rows))


class NdjsonReader:
    """A file of records, a line each. With `whole`, types are judged by all of it, as they are where the file is short.

    Raises HalftoneError `empty_file`, `type_mismatch`, `bad_column_name`, `too_many_columns`, `unsupported_type` (no
    column is left), `param_invalid`, and what TextBytes raises; without `whole`, also TypesDifferError.
    """

    rows_total: int | None = None

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        self._path = path
        self._budget = budget
        self._whole = whole
        self._encoding = ""
        try:
            self._judge(wishes)
        except NotUtf8Error:
            self._encoding = WESTERN
            self._judge(wishes)

    @property
    def reading(self) -> Reading:
        """Once all lines are read, it says too which were left out."""
        sentence = encoding_sentence(self._found_encoding)
        said = [ReadingWarning("encoding", sentence)] if sentence else []
        said += [ReadingWarning("left_out", f"{skipped.name} is left out: {_LISTS}.") for skipped in self.skipped]
        return Reading(
            "ndjson", self._judged.readings, None, (*said, *self._judged.warnings, *self._misfits.warnings())
        )

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        return self._misfits.unreadable()

    def batches(self) -> Iterator[Batch]:
        try:
            for records, columns in in_order(self._converted, self._blocks()):
                self._misfits.add_lines(records)
                for place, (column, values) in enumerate(zip(columns, self._values(records), strict=True)):
                    self._add_misfits(place, column, values, records)
                if not self._whole:
                    self._misfits.check_types(is_end=False)
                yield from _split(records, columns)
        except NotUtf8Error as error:
            raise TypesDifferError("encoding") from error
        self._misfits.check_lines()
        if not self._whole:
            self._misfits.check_types(is_end=True)

    def _judge(self, wishes: Wishes) -> None:
        paths = _Paths()
        misfits = LineMisfits(())
        rows = 0
        looked = list(self._looked()) if not self._whole else None
        for records in looked if looked is not None else self._looked():
            misfits.add_lines(records)
            rows += records.rows
            paths.add(records)
        misfits.check_lines()
        if rows == 0:
            raise HalftoneError(ErrorCode.EMPTY_FILE)
        self._paths, self._lists = paths.divided()
        self.skipped = tuple(Skipped(_name(path), "list", ErrorCode.UNSUPPORTED_TYPE.value) for path in self._lists)
        self._known = set(self._paths)
        self._judged = TextColumns(self._names(wishes), wishes)
        for records in looked if looked is not None else self._looked():
            self._judged.add([_of(records, path).array() for path in self._paths])
        self._judged.finish()
        self.columns = self._judged.columns
        self._misfits = LineMisfits([column.name for column in self.columns])

    def _names(self, wishes: Wishes) -> list[str]:
        """Raises HalftoneError `unsupported_type` when there is none, and TypesDifferError."""
        names = list(map(_name, self._paths))
        if not names:
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "No column of the file can be drawn or counted.")
        missing = set(wishes.columns) - set(column_names(names)) if wishes.firm and not self._whole else ()
        if missing:
            # It may be a key that comes later in the file.
            raise TypesDifferError(min(missing))
        return names

    def _looked(self) -> Iterator[Records]:
        """The start of the file, or all of it; notes when the start is all."""
        for records in in_order(records_of, islice(self._blocks(), None if self._whole else _JUDGED_BLOCKS)):
            self._whole = self._whole or records.block.is_last
            yield records

    def _blocks(self) -> Iterator[Block]:
        with closing(TextBytes(self._path, self._budget, self._encoding)) as text:
            self._found_encoding = text.encoding
            yield from blocks(text, _LINES, 1)

    def _values(self, records: Records) -> Iterable[Values]:
        return (_of(records, self._paths[place]) for place in self._judged.places)

    def _converted(self, block: Block) -> tuple[Records, list[_Column]]:
        """Raises TypesDifferError."""
        records = records_of(block)
        for path, values in records.values.items():
            # A key that the judged part of the file does not have, or has for lists alone.
            if path not in self._known and (values.texts or path not in self._lists):
                raise TypesDifferError(_name(path))
        return records, [
            self._column(place, values, records.rows)
            for place, values in zip(self._judged.places, self._values(records), strict=True)
        ]

    def _column(self, place: int, values: Values, rows: int) -> _Column:
        found = self._judged.converted(place, values.array())
        own = np.array(values.rows, np.int64)
        places = None
        if len(own) < rows:
            indices = np.full(rows, -1, np.int32)
            indices[own] = np.arange(len(own))
            places = pa.array(indices, mask=indices < 0)
        lists = np.array(values.lists, np.int64)
        bad = np.sort(np.concatenate([own[found.bad], lists]))
        return _Column(found.array, places, len(own) - found.missing + len(lists), bad)

    def _add_misfits(self, place: int, column: _Column, values: Values, records: Records) -> None:
        named = column.bad[:KEPT_CELLS].tolist() if self._misfits.wants(place) else []
        texts = dict(zip(values.lists, values.list_texts, strict=False))
        rows = np.array(values.rows, np.int64)
        cells = [
            UnreadableCell(
                int(records.lines[row]), texts.get(row) or values.texts[int(np.searchsorted(rows, row))][:SHOWN]
            )
            for row in named
        ]
        self._misfits.add_cells(place, column.present, len(column.bad), cells)


class _Paths:
    """The paths of records in the order they come, and what lies there. Raises HalftoneError `too_many_columns`."""

    def __init__(self) -> None:
        self._found: dict[KeyPath, bool] = {}
        self._with_texts: set[KeyPath] = set()

    def add(self, records: Records) -> None:
        for path, values in records.values.items():
            self._found[path] = self._found.get(path, False) or bool(values.lists)
            if values.texts:
                self._with_texts.add(path)
        check_columns(len(self._found))

    def divided(self) -> tuple[list[KeyPath], list[KeyPath]]:
        """Those that are columns, and those that hold nothing but lists."""
        lists = [path for path, has_lists in self._found.items() if has_lists and path not in self._with_texts]
        return [path for path in self._found if path not in set(lists)], lists


def _name(path: KeyPath) -> str:
    return ".".join(path)[:_NAME]


def _of(records: Records, path: KeyPath) -> Values:
    return records.values.get(path) or Values()


def _split(records: Records, columns: Sequence[_Column]) -> Iterator[Batch]:
    step = batch_rows(len(columns))
    for start in range(0, records.rows, step):
        rows = min(step, records.rows - start)
        yield Batch(rows, [column.slice(start, rows) for column in columns], records.block.file_bytes)


FORMAT = Format(
    "NDJSON", tuple(ending + packing for ending in ("ndjson", "jsonl") for packing in _PACKINGS), NdjsonReader
)
