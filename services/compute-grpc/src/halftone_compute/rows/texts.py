"""Rows in the order of a text, by the bytes of its UTF-8, which is that of its code points.

Texts are no keys of one size, so the first rows are found by comparing: eight bytes of each text, and all of it where
these are equal. Texts stay where they lie, and are read when they are compared.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from halftone_servicekit.errors import ErrorCode, HalftoneError
from typing_extensions import override

from halftone_compute.rows.best import Best, RowKeys
from halftone_compute.store.manifest import corrupt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.store.base import TextColumn

# Of the texts that are compared at once, and of those of all rows that are kept.
_COMPARED_BYTES = 16 << 20
_KEPT_BYTES = 64 << 20
_PREFIX = 8


def first_bytes(texts: TextColumn, numbers: np.ndarray) -> np.ndarray:
    """uint64 of shape (rows,): the first bytes of the texts of some rows, zeros behind their end."""
    starts, stops = _ends(texts, numbers)
    keys = np.zeros(len(numbers), np.uint64)
    for place in range(_PREFIX if len(texts.bytes) else 0):
        at = starts + place
        byte = texts.bytes[np.minimum(at, len(texts.bytes) - 1)].astype(np.uint64)
        keys = (keys << np.uint64(8)) | np.where(at < stops, byte, np.uint64(0))
    return keys


class BestTexts(Best):
    """The first `most` rows by the keys of a `TextOrder`, then by their whole texts, then by number."""

    def __init__(self, texts: TextColumn, most: int, *, descending: bool) -> None:
        super().__init__(most)
        self._texts = texts
        self._descending = descending

    @override
    def add(self, rows: RowKeys) -> None:
        """Raises HalftoneError `render_too_large` when the texts of the rows that are kept take too much memory."""
        self.count += len(rows.keys)
        if len(rows.keys) > self._most:
            limit = np.partition(rows.keys, self._most - 1)[self._most - 1]
            rows = rows.where(rows.keys <= limit)
        for part in self._parts(rows):
            self._merge(self._better(part))

    def _parts(self, rows: RowKeys) -> Iterator[RowKeys]:
        """Some rows at a time: as many as their texts leave room for, one at least."""
        starts, stops = _ends(self._texts, rows.numbers)
        cuts = np.flatnonzero(np.diff(np.cumsum(stops - starts) // _COMPARED_BYTES)) + 1
        edges = [0, *cuts.tolist(), len(rows.keys)]
        for first, stop in pairwise(edges):
            yield rows.part(first, stop)

    def _better(self, rows: RowKeys) -> RowKeys:
        """The rows that may come before the last one that is kept."""
        if len(self._kept.keys) < self._most or not self._most:
            return rows
        worst = self._kept.keys[-1]
        rows = rows.where(rows.keys <= worst)
        tied = np.flatnonzero(rows.keys == worst)
        if not len(tied):
            return rows
        [last] = self._of(self._kept.numbers[-1:])
        compare = pc.less if self._descending else pc.greater
        behind = compare(self._of(rows.numbers[tied]), last).to_numpy(zero_copy_only=False)
        chosen = np.ones(len(rows.keys), np.bool_)
        chosen[tied[behind]] = False
        return rows.where(chosen)

    def _merge(self, rows: RowKeys) -> None:
        if not len(rows.keys) or not self._most:
            return
        joined = self._kept.joined(rows)
        table = pa.table({"text": self._of(joined.numbers), "number": pa.array(joined.numbers)})
        direction: Literal["ascending", "descending"] = "descending" if self._descending else "ascending"
        order = pc.sort_indices(table, sort_keys=[("text", direction), ("number", "ascending")]).to_numpy()
        self._kept = joined.where(order[: self._most])

    def _of(self, numbers: np.ndarray) -> pa.Array[Any]:
        starts, stops = _ends(self._texts, numbers)
        if int((stops - starts).sum()) > _KEPT_BYTES + _COMPARED_BYTES:
            detail = (
                f"The texts of these rows take more than {_KEPT_BYTES >> 20} MiB: ask for rows nearer to the first."
            )
            raise HalftoneError(ErrorCode.RENDER_TOO_LARGE, detail, "offset")
        buffers = [None, *(pa.py_buffer(part.data) for part in (self._texts.offsets, self._texts.bytes))]
        whole = pa.Array.from_buffers(pa.large_binary(), len(self._texts.offsets) - 1, buffers)
        return whole.take(pa.array(numbers))


def _ends(texts: TextColumn, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the texts of some rows begin and end. Raises HalftoneError `data_corrupt`."""
    starts, stops = texts.offsets[numbers], texts.offsets[numbers + 1]
    if len(numbers) and not (starts.min() >= 0 and (starts <= stops).all() and stops.max() <= len(texts.bytes)):
        raise corrupt("A text lies outside of its file.")
    return starts, stops
