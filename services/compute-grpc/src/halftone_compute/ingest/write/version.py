"""Writes the columns of a version, batch by batch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo

from halftone_compute.ingest.columns import Kind, SourceColumn, is_text, micros, numbers
from halftone_compute.ingest.limits import CATEGORIES, LABEL_BYTES
from halftone_compute.ingest.write.files import ColumnFile, ValidityFile
from halftone_compute.ingest.write.stats import NumberStats
from halftone_compute.store.manifest import ColumnEntry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from halftone_compute.ingest.format import Cells, Codes
    from halftone_compute.ingest.limits import Budget

_CODE = np.dtype("<i4")
_TOP = 256
# Labels of all columns that the catalogue keeps; what exceeds its share stays in the `labels` file.
_TOP_OF_ALL = 8_192


class ColumnWriter(Protocol):
    """Takes a column's values in order, then says what it became. `finish` ranks categories, so it may take long."""

    def add(self, array: Cells) -> None: ...

    def finish(self, top: int) -> ColumnEntry: ...


class VersionWriter:
    """All columns of one version, in files below `folder`."""

    def __init__(self, folder: Path, columns: Sequence[SourceColumn], budget: Budget) -> None:
        self._writers = [_writer(folder, place, column, budget) for place, column in enumerate(columns)]
        categories = sum(column.kind is Kind.CATEGORY for column in columns)
        self._top = min(_TOP, max(16, _TOP_OF_ALL // max(1, categories)))

    def add(self, arrays: Sequence[Cells]) -> None:
        """One batch: an array for each column, all of one length."""
        for writer, array in zip(self._writers, arrays, strict=True):
            writer.add(array)

    def finish(self) -> tuple[ColumnEntry, ...]:
        return tuple(writer.finish(self._top) for writer in self._writers)


def _writer(folder: Path, place: int, column: SourceColumn, budget: Budget) -> ColumnWriter:
    if column.kind is Kind.CATEGORY:
        return CategoryWriter(folder, place, column, budget)
    return PlainWriter(folder, place, column, budget)


class PlainWriter:
    """A number or time column: little-endian values, and a validity file where rows are null."""

    def __init__(self, folder: Path, place: int, column: SourceColumn, budget: Budget) -> None:
        self._column = column
        self._stats = NumberStats()
        self._values = ColumnFile(folder, f"c{place:04d}.values", budget)
        self._valid = ValidityFile(folder, f"c{place:04d}.valid", budget)

    def add(self, array: Cells) -> None:
        if self._column.kind is Kind.TIME:
            values, valid = micros(array, self._column.name)
        else:
            values, valid = numbers(array, self._column.layout)
        self._stats.add(values, valid)
        self._values.write(values)
        self._valid.add(len(values), valid)

    def finish(self, top: int) -> ColumnEntry:
        del top
        stats = self._stats
        info = ColumnInfo(
            name=self._column.name,
            type="time" if self._column.kind is Kind.TIME else "number",
            dtype=self._column.dtype,
            min=stats.min,
            max=stats.max,
            nulls=stats.nulls,
            distinct=stats.distinct,
        )
        files = {"values": self._values.finish(), **self._valid.finish()}
        return ColumnEntry(info, "plain", self._column.layout, files)


class CategoryWriter:
    """Codes of a category column.

    The first pass writes codes in order of appearance; `finish` ranks the labels by frequency (ties by label,
    missing last) and writes the ranks over them. With too many or too long labels the column becomes text.
    """

    def __init__(self, folder: Path, place: int, column: SourceColumn, budget: Budget) -> None:
        self._place = (folder, place, budget)
        self._column = column
        self._codes: dict[str | None, int] = {}
        self._counts: list[int] = []
        self._values = ColumnFile(folder, f"c{place:04d}.values", budget)
        self._text: TextWriter | None = None

    def add(self, array: Cells) -> None:
        if self._text is None:
            codes = self._coded(_as_dictionary(array))
            if codes is not None:
                self._values.write(codes)
                return
            self._text = self._as_text()
        self._text.add(array)

    def finish(self, top: int) -> ColumnEntry:
        if self._text is not None:
            return self._text.finish(top)
        ranked = sorted(self._codes, key=lambda label: (-self._counts[self._codes[label]], label is None, label or ""))
        ranks = np.empty(len(ranked), _CODE)
        ranks[[self._codes[label] for label in ranked]] = np.arange(len(ranked))
        self._values.replace(ranks)
        categories = [(label, self._counts[self._codes[label]]) for label in ranked]
        folder, place, budget = self._place
        labels = ColumnFile(folder, f"c{place:04d}.labels", budget)
        labels.write(json.dumps(categories, ensure_ascii=False).encode())
        info = ColumnInfo(
            name=self._column.name,
            type="category",
            dtype=self._column.dtype,
            nulls=self._counts[self._codes[None]] if None in self._codes else 0,
            distinct=len(ranked),
            categories=tuple(categories[:top]),
        )
        files = {"values": self._values.finish(), "labels": labels.finish()}
        return ColumnEntry(info, "plain", self._column.layout, files)

    def _coded(self, array: Codes) -> np.ndarray | None:
        """Codes in order of appearance; None when the labels are too many or too long for a category."""
        missing = len(array.dictionary)
        places = array.indices.cast(pa.int64()).fill_null(missing).to_numpy(zero_copy_only=False)
        counts = np.bincount(places, minlength=missing + 1)
        used = np.flatnonzero(counts)
        if len(used) > CATEGORIES + 1:
            return None
        labels = _labels(array.dictionary, used)
        if any(label is not None and len(label.encode()) > LABEL_BYTES for label in labels):
            return None
        mapping = np.zeros(missing + 1, _CODE)
        for place, label in zip(used.tolist(), labels, strict=True):
            code = self._codes.setdefault(label, len(self._codes))
            if code == len(self._counts):
                self._counts.append(0)
            self._counts[code] += int(counts[place])
            mapping[place] = code
        return None if len(self._codes) - (None in self._codes) > CATEGORIES else mapping[places]

    def _as_text(self) -> TextWriter:
        text = TextWriter(*self._place, self._column)
        labels = pa.array(list(self._codes), pa.large_string())
        for chunk in self._values.chunks(_CODE):
            text.add(labels.take(pa.array(chunk)))
        self._values.discard()
        self._codes.clear()
        return text


class TextWriter:
    """A text column: where each row ends (int64, one more than rows) and the UTF-8 bytes of all rows."""

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
        files = {"values": self._values.finish(), "offsets": self._offsets.finish(), **self._valid.finish()}
        return ColumnEntry(info, "utf8", "", files)


def _as_dictionary(array: Cells) -> Codes:
    if pa.types.is_dictionary(array.type) and is_text(array.type.value_type):
        return array
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    return (plain if is_text(plain.type) else plain.cast(pa.string())).dictionary_encode()


def _labels(dictionary: Cells, used: np.ndarray) -> list[str | None]:
    """The labels at `used`; the place behind the last is the missing one."""
    places = pa.array(np.where(used == len(dictionary), 0, used), mask=used == len(dictionary))
    try:
        labels: list[str | None] = dictionary.take(places).to_pylist()
    except UnicodeDecodeError as error:
        raise HalftoneError(ErrorCode.BAD_ENCODING) from error
    if any("\0" in label for label in labels if label is not None):
        raise HalftoneError(ErrorCode.BAD_ENCODING, "The text holds a NUL character.")
    return labels


def _require_utf8(text: Cells) -> None:
    try:
        text.validate(full=True)
    except pa.ArrowInvalid as error:
        raise HalftoneError(ErrorCode.BAD_ENCODING) from error
