"""The records of a block of lines, as columns of text: a number is the text that stands in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.judge.misfits import SHOWN
from halftone_compute.ingest.reading import KEPT_CELLS

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.csv.blocks import Block

# The keys that lead to a value from the record down.
Path: TypeAlias = tuple[str, ...]
# What lies deeper is no record: the same bound as that of structs in typed files.
_DEPTH = 32


@dataclass(slots=True)
class Values:
    """The values of one path: `rows` that have one, from 0 in the block, and these as text. `lists` are rows whose
    value is a list, with what to show of the first of them. Null and empty objects are no values.
    """

    rows: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    list_texts: list[str] = field(default_factory=list)

    def array(self) -> Cells:
        """The texts as Arrow has them, shape (len(rows),)."""
        return pa.array(self.texts, pa.string())


@dataclass(slots=True)
class Records:
    """`values` by path, in order of their first row; `lines` the number in the file of the line of each row, int64.

    `bad_count` lines hold no record, the first of them are named by line and text.
    """

    block: Block
    values: dict[Path, Values]
    lines: np.ndarray
    bad_count: int
    bad: tuple[tuple[int, str], ...]

    @property
    def rows(self) -> int:
        return len(self.lines)


def records_of(block: Block) -> Records:
    """Blank lines are left out."""
    values: dict[Path, Values] = {}
    lines: list[int] = []
    bad: list[tuple[int, str]] = []
    bad_count = 0
    for number, line in enumerate(block.data.split(b"\n"), block.line):
        if not line or line.isspace():
            continue
        text = line.decode()
        record = _record(text)
        if record is None:
            bad_count += 1
            bad += [(number, text.strip()[:SHOWN])] if len(bad) < KEPT_CELLS else []
            continue
        _put(values, len(lines), (), record)
        lines.append(number)
    return Records(block, values, np.array(lines, np.int64), bad_count, tuple(bad))


def _record(text: str) -> dict[str, Any] | None:
    """None: the line is no JSON object, repeats a key, is nested too deep, or holds half of a letter of UTF-16."""
    try:
        record = _DECODER.decode(text)
        # Half letters only come from escapes; Arrow has no text for them.
        if "\\u" in text:
            json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    is_deep = text.count("{") > _DEPTH and _depth(record) > _DEPTH
    return record if type(record) is dict and not is_deep else None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key repeats")
    return made


# Numbers keep their text, so that none is rounded here. NaN and Infinity are no JSON, but many programs write them.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_pairs)


def _depth(value: object) -> int:
    if type(value) is not dict:
        return 0
    return 1 + max((_depth(each) for each in value.values() if type(each) is dict), default=0)


def _put(values: dict[Path, Values], row: int, path: Path, record: dict[str, Any]) -> None:
    for key, value in record.items():
        place = (*path, key)
        if type(value) is dict and value:
            _put(values, row, place, value)
            continue
        found = values.get(place)
        if found is None:
            found = values[place] = Values()
        if type(value) is str:
            found.rows.append(row)
            found.texts.append(value)
        elif type(value) is bool:
            found.rows.append(row)
            found.texts.append("true" if value else "false")
        elif type(value) is list:
            found.lists.append(row)
            if len(found.list_texts) < KEPT_CELLS:
                found.list_texts.append(f"a list of {len(value):,}")
