"""Columns of text in a typed file whose cells are numbers or times: suggested, and read so when that is wished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from halftone_compute.ingest.columns import is_text
from halftone_compute.ingest.judge.column import NEARLY, ColumnJudge
from halftone_compute.ingest.judge.convert import converted
from halftone_compute.ingest.judge.numbers import NumberStyle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_compute.ingest.columns import ArrowType, Cells
    from halftone_compute.ingest.reading import ColumnReading

# Of the cells that are looked at, so many are judged: a suggestion needs no more.
_SUGGESTED_FROM = 4_096


def holds_text(dtype: ArrowType) -> bool:
    return is_text(dtype.value_type if pa.types.is_dictionary(dtype) else dtype)


def suggested(looked: Sequence[Cells]) -> tuple[str, str] | None:
    """The type and format that nearly all cells fit as well; None where they are text."""
    judge = ColumnJudge("", "")
    left = _SUGGESTED_FROM
    for cells in looked:
        judge.add(_plain(cells.slice(0, left)))
        left = max(0, left - len(cells))
    found = judge.reading()
    return None if found.type == "category" or not judge.present else (found.type, found.format)


class TextReader:
    """Reads the text of a column as `wish` says, judged on the cells of `looked`.

    Raises HalftoneError `param_invalid` for a format that is none.
    """

    def __init__(self, source: str, looked: Sequence[Cells], wish: Mapping[str, Any]) -> None:
        judge = ColumnJudge(source, source, missing=tuple(wish.get("missing", ())))
        for cells in looked:
            judge.add(_plain(cells))
        self.reading: ColumnReading = judge.reading(wish)
        self.dtype = judge.dtype(self.reading)
        self.fits = judge.fitting >= NEARLY * judge.present
        self._style = NumberStyle(thousands=judge.thousands)

    def read(self, cells: Cells) -> tuple[Cells, np.ndarray | None]:
        """The values, and a mask of the cells that did not fit. Raises TypesDifferError."""
        text = _plain(cells)
        found = converted(text, self.reading, self.dtype, self._style)
        if not len(found.bad):
            return found.array, None
        unfit = np.zeros(len(text), bool)
        unfit[found.bad] = True
        return found.array, unfit


def _plain(cells: Cells) -> Cells:
    """Cells out of their dictionary, with short offsets."""
    decoded = cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
    return pc.cast(decoded, pa.string())
