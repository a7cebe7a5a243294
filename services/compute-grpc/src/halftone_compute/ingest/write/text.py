"""Writes a text column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo

from halftone_compute.ingest.write.files import ColumnFile, ValidityFile
from halftone_compute.store.manifest import ColumnEntry

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.limits import Budget


class TextWriter:
    """A text column: offsets of the rows (int64, rows + 1) and the UTF-8 bytes of all rows."""

    def __init__(self, folder: Path, place: int, budget: Budget, column: SourceColumn) -> None:
        self._column = column
        self._nulls = 0
        self._end = 0
        self._values = ColumnFile(folder, f"c{place:04d}.text", budget)
        self._offsets = ColumnFile(folder, f"c{place:04d}.offsets", budget)
        self._valid = ValidityFile(folder, f"c{place:04d}.valid", budget)
        self._offsets.write(np.zeros(1, "<i8"))

    def add(self, array: Cells) -> None:
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        text = array.cast(pa.large_string())
        _require_utf8(text)
        _, offsets, data = text.buffers()
        ends = np.frombuffer(memoryview(offsets), np.int64)[text.offset : text.offset + len(text) + 1]
        if data is not None:
            self._values.write(memoryview(data)[int(ends[0]) : int(ends[-1])])
        self._offsets.write(ends[1:] - ends[0] + self._end)
        self._end += int(ends[-1] - ends[0])
        self._nulls += text.null_count
        self._valid.add(len(text), text.is_valid().to_numpy(zero_copy_only=False) if text.null_count else None)

    def finish(self, top: int) -> ColumnEntry:
        del top
        info = ColumnInfo(name=self._column.name, type="text", dtype=self._column.dtype, nulls=self._nulls)
        files = {"values": self._values.close(), "offsets": self._offsets.close(), **self._valid.finish()}
        return ColumnEntry(info, "utf8", "", files)


def _require_utf8(text: Cells) -> None:
    try:
        text.validate(full=True)
    except pa.ArrowInvalid as error:
        raise HalftoneError(ErrorCode.BAD_ENCODING) from error
