"""Which cells are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from halftone_compute.ingest.columns import compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halftone_compute.ingest.columns import Cells

# What stands for a missing number or time, in any case of letters.
MARKS = (
    "", "na", "n/a", "nan", "null", "none", "nil", "\\n", "-", "--", ".", "?", "<na>", "#n/a", "#div/0!", "n/d",
    "#value!", "#ref!", "#null!", "#num!", "#name?",
)  # fmt: skip
# "NA" is a country and "-" a blood group: in text only these are missing.
TEXT_MARKS = ("", "\\N", "<NA>")
_SPELLED = pa.array(
    sorted(
        {form for mark in MARKS for form in (mark, mark.upper(), mark.title(), mark.capitalize())}
        | {"NaN", "N/A", "n/A"}
    )
)
_LONGEST = max(map(len, MARKS))


def without_missing(cells: Cells, more: Iterable[str] = ()) -> Cells:
    """Cells without white space around them; null where a number or a time is missing."""
    trimmed = pc.utf8_trim_whitespace(cells)
    marks = pa.concat_arrays([_SPELLED, pa.array(list(more), pa.string())])
    return pc.if_else(pc.is_in(trimmed, marks), pa.scalar(None, pa.string()), trimmed)


def labels(cells: Cells, more: Iterable[str] = ()) -> Cells:
    """Cells of text as a dictionary; null where text is missing."""
    encoded = cells.dictionary_encode()
    missing = pc.is_in(encoded.dictionary, pa.array([*TEXT_MARKS, *more]))
    if not pc.any(missing).as_py():
        return encoded
    kept = pc.if_else(missing, pa.scalar(None, pa.string()), encoded.dictionary)
    # Decoding and encoding again drops the null from the dictionary.
    return pa.DictionaryArray.from_arrays(encoded.indices, kept).dictionary_decode().dictionary_encode()
