"""Cells of some rows of an open version, wherever they lie: numbers, times, labels and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store.base import Cells
from halftone_compute.store.manifest import corrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.store.base import TextColumn
    from halftone_compute.store.columns import VersionColumns
    from halftone_compute.store.manifest import ColumnEntry

# Of all texts that are read at once.
TEXT_BYTES = 64 << 20


class CellReader:
    """Reads cells of rows that lie at `places` in a version and have these `numbers` in the file, int64 each."""

    def __init__(
        self, version: VersionColumns, places: np.ndarray, numbers: np.ndarray, check: Callable[[], None]
    ) -> None:
        self._version = version
        self._places = places
        self._numbers = numbers
        self._check = check
        self._text_bytes = 0

    def of(self, column: ColumnEntry) -> Cells:
        """The cells of a column. Raises HalftoneError `data_corrupt`, `version_gone`, or `render_too_large` when texts
        take more than TEXT_BYTES.
        """
        if column.storage != "plain":
            return self._texts(self._version.text(column, self._check))
        mapped = self._version.map(column, self._check)
        values = mapped.values[self._places]
        if column.info.type == "category":
            return _labelled(values, self._version.labels(column, self._check))
        valid = np.ones(len(values), np.bool_) if mapped.valid is None else mapped.valid[self._places]
        return Cells(values, valid & ~np.isnan(values) if values.dtype.kind == "f" else valid)

    def _texts(self, column: TextColumn) -> Cells:
        starts, stops = column.offsets[self._numbers], column.offsets[self._numbers + 1]
        self._text_bytes += int((stops - starts).sum())
        if self._text_bytes > TEXT_BYTES:
            detail = f"The texts of these rows take more than {TEXT_BYTES >> 20} MiB: ask for fewer rows or columns."
            raise HalftoneError(ErrorCode.RENDER_TOO_LARGE, detail, "limit")
        texts = np.empty(len(self._numbers), object)
        for place, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            texts[place] = column.bytes[start:stop].tobytes().decode("utf-8", "replace")
        valid = np.ones(len(texts), np.bool_) if column.valid is None else column.valid[self._numbers]
        return Cells(texts, valid)


def _labelled(codes: np.ndarray, labels: list[str | None]) -> Cells:
    if len(codes) and not 0 <= codes.min() <= codes.max() < len(labels):
        raise corrupt("A category has no label.")
    # An array of these objects, whatever they are.
    named = np.empty(len(labels), object)
    named[:] = labels
    found = named[codes]
    return Cells(found, np.array([label is not None for label in found], np.bool_))
