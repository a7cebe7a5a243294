"""Writes a category column: codes that are ranks by frequency."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo

from halftone_compute.ingest.columns import is_text
from halftone_compute.ingest.limits import CATEGORIES, LABEL_BYTES
from halftone_compute.ingest.write.files import ColumnFile
from halftone_compute.ingest.write.text import TextWriter
from halftone_compute.store.manifest import ColumnEntry

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells, Codes, SourceColumn
    from halftone_compute.ingest.limits import Budget

_CODE = np.dtype("<i4")


class CategoryWriter:
    """Codes of a category column.

    `add` writes codes in order of appearance; `finish` ranks the labels by frequency (ties by label, missing last) and
    replaces each code with its rank. With too many or too long labels the column becomes text.
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
        self._values.rewrite(_CODE, ranks.__getitem__)
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
        files = {"values": self._values.close(), "labels": labels.close()}
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


def _as_dictionary(array: Cells) -> Codes:
    if pa.types.is_dictionary(array.type) and is_text(array.type.value_type):
        return array
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    return (plain if is_text(plain.type) else plain.cast(pa.string())).dictionary_encode()


def _labels(dictionary: Cells, used: np.ndarray) -> list[str | None]:
    """The labels at `used`; the index after the last label stands for the missing one."""
    places = pa.array(np.where(used == len(dictionary), 0, used), mask=used == len(dictionary))
    try:
        labels: list[str | None] = dictionary.take(places).to_pylist()
    except UnicodeDecodeError as error:
        raise HalftoneError(ErrorCode.BAD_ENCODING) from error
    if any("\0" in label for label in labels if label is not None):
        raise HalftoneError(ErrorCode.BAD_ENCODING, "The text holds a NUL character.")
    return labels
