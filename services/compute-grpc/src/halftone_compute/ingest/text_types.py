"""Types of columns whose cells are text, found by trying: integer, number, time, else text.

Finding the type and reading the values use the same conversion, so both follow the same rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from halftone_compute.ingest.columns import SourceColumn, source_column
from halftone_compute.ingest.format import TypesDifferError

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells, Codes

# What stands for a missing number or time; in text only the empty cell is missing.
MISSING = ("", "NA", "N/A", "n/a", "na", "#N/A", "NULL", "Null", "null", "NaN", "nan", "NAN", "None", "none", "-", "?")
_CANDIDATES = (pa.int64(), pa.float64(), pa.timestamp("us"), pa.timestamp("us", "UTC"))
_SAMPLE_ROWS = 64


def widened(known: pa.DataType | None, cells: Cells) -> pa.DataType | None:
    """The narrowest type that holds `cells` and every cell of type `known` before; None while all are missing."""
    if known == pa.string():
        return known
    if known is None and all(_cleaned(part).null_count == len(part) for part in _parts(cells)):
        return None
    candidates = _CANDIDATES if known is None else (known, pa.float64()) if known == pa.int64() else (known,)
    return next((dtype for dtype in candidates if _fits(cells, dtype)), pa.string())


def text_column(name: str, dtype: pa.DataType) -> SourceColumn:
    """The column of a type that `widened` found."""
    column = source_column(name, dtype)
    if column is None:
        raise TypeError(f"{dtype} is not a type of text cells")
    return column


def converted(cells: Cells, dtype: pa.DataType) -> Cells:
    """The values of `cells`; text as a dictionary. Raises TypesDifferError for a cell of another type."""
    if dtype == pa.string():
        return _empty_as_null(cells.dictionary_encode())
    try:
        return _parsed(cells, dtype)
    except pa.ArrowInvalid as error:
        raise TypesDifferError(str(dtype)) from error


def _fits(cells: Cells, dtype: pa.DataType) -> bool:
    try:
        for part in _parts(cells):
            _parsed(part, dtype)
    except pa.ArrowInvalid:
        return False
    return True


def _parts(cells: Cells) -> tuple[Cells, Cells]:
    """A sample, then all: most wrong types fail on the sample."""
    return cells.slice(0, _SAMPLE_ROWS), cells


def _parsed(cells: Cells, dtype: pa.DataType) -> Cells:
    try:
        return pc.cast(cells, dtype)
    except pa.ArrowInvalid:
        return pc.cast(_cleaned(cells), dtype)


def _cleaned(cells: Cells) -> Cells:
    trimmed = pc.utf8_trim_whitespace(cells)
    cleaned: Cells = pc.if_else(pc.is_in(trimmed, pa.array(MISSING)), pa.scalar(None, pa.string()), trimmed)
    return cleaned


def _empty_as_null(cells: Codes) -> Codes:
    place = pc.index(cells.dictionary, "").as_py()
    if place < 0:
        return cells
    places = cells.indices.to_numpy()
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places == place), cells.dictionary)
