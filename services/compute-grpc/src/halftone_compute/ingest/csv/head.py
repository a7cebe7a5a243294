"""The top of a text file: lines above the header, the header or none, a row of units below it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from halftone_compute.ingest.csv.evidence import column_is_typed, is_missing, is_number, is_typed
from halftone_compute.ingest.csv.units import unit_of
from halftone_compute.ingest.reading import ReadingWarning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from halftone_compute.ingest.csv.dialect import Candidate
    from halftone_compute.ingest.reading import Dialect

_SEPARATOR = re.compile(r'"?sep=(.|\\t)"?\r?\n', re.IGNORECASE)
_COMMENT = "#"
_YEARS = (1500, 2200)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The dialect with what was found above the rows; the names and units of the columns (empty where there are none);
    the first line of the rows, from 0.
    """

    dialect: Dialect
    names: tuple[str, ...]
    units: tuple[str, ...]
    line: int
    warnings: tuple[ReadingWarning, ...]


def separator_line(sample: str) -> str:
    """The delimiter that a first line `sep=;` names, as Excel writes it; empty when there is none."""
    found = _SEPARATOR.match(sample)
    return "" if found is None else found[1].replace("\\t", "\t")


def lines_above(sample: str) -> int:
    """How many lines at the start are comments, blank, or name the delimiter."""
    lines = sample.split("\n")
    count = 1 if separator_line(sample) else 0
    while count < len(lines) - 1 and (not lines[count].strip() or lines[count].startswith(_COMMENT)):
        count += 1
    # A file of comments alone is one of rows.
    return count if any(line.strip() for line in lines[count:]) else 0


def found_head(candidate: Candidate, above: int, comment: str, wished: Mapping[str, Any]) -> Head:
    """Judges the rows of `candidate`, of which the first stands `above` lines down, under the line `comment`."""
    rows = [(line, row or ("",)) for line, row in candidate.rows if row or candidate.width == 1]
    start = 0 if "above" in wished else _first_of_table([row for _, row in rows], candidate.width)
    table = [row for _, row in rows[start:]]
    line = above + rows[start][0]
    decimal = candidate.dialect.decimal
    warnings = []
    is_header, is_question = _is_header(table, decimal)
    if "header" in wished:
        is_header, is_question = wished["header"], False
    names = table[0] if is_header else ("",) * candidate.width
    below = 1 if is_header else 0
    commented = () if start or not comment or "header" in wished else _commented_header(comment, candidate)
    if commented and (is_question or not is_header):
        is_header, is_question, names, line, below = True, False, commented, line - 1, 0
    elif not is_header:
        warnings.append(ReadingWarning("no_header", _no_header(table, "header" in wished)))
    if is_question:
        warnings.append(ReadingWarning("header", "The first line is taken for the header; it could be a row as well."))
    units = _units(table[below:], decimal) if is_header else ()
    if "units_row" in wished:
        units = tuple(map(unit_of, table[below])) if wished["units_row"] and len(table) > below else ()
    if units:
        below += 1
        named = ", ".join(f"{name} [{unit}]" for name, unit in zip(names, units, strict=False) if unit)
        warnings.append(ReadingWarning("units", f"A row of units stands below the header, units: {named}."))
    if line:
        text = "1 line above the header left out" if line == 1 else f"{line:,} lines above the header left out"
        warnings.insert(0, ReadingWarning("above", f"{text}."))
    dialect = replace(candidate.dialect, header=is_header, above=line, units_row=bool(units))
    first = above + rows[start + below][0] if start + below < len(rows) else -1
    return Head(dialect, _padded(names, candidate.width), units, first, tuple(warnings))


def _first_of_table(rows: Sequence[Row], width: int) -> int:
    """Titles have another number of cells, or one that is filled."""
    start = next(place for place, row in enumerate(rows) if len(row) == width)
    if width < 3:
        return start
    first = start
    while first + 2 < len(rows) and sum(map(bool, rows[first])) <= 1:
        first += 1
    return first if _is_named(rows[first], width) else start


def _is_named(row: Row, width: int) -> bool:
    return len(set(row)) == width == len(row) and all(cell and not is_typed(cell, ".") for cell in row)


def _is_header(table: Sequence[Row], decimal: str) -> tuple[bool, bool]:
    """Whether the first row names the columns, and whether that is a question.

    It is data when it fits all columns that are numbers or times.
    """
    first, rest = table[0], table[1:]
    if not rest:
        return not any(is_typed(cell, decimal) for cell in first), False
    if _units(rest, decimal):
        return True, False
    columns = list(zip(*(row for row in rest if len(row) == len(first)), strict=True))
    typed = [cell for cell, column in zip(first, columns, strict=False) if cell and column_is_typed(column, decimal)]
    if not typed:
        repeats = any(cell in column for cell, column in zip(first, columns, strict=False) if cell)
        return not repeats and any(not is_missing(cell) for cell in first), not repeats
    if not all(is_typed(cell, decimal) or is_missing(cell) for cell in typed):
        return True, False
    if _are_names(first, columns, decimal):
        return True, True
    return False, False


def _are_names(first: Row, columns: Sequence[Row], decimal: str) -> bool:
    """Numbers in the first row that are names: two or more years or places in a row, beside a column of text."""
    numbers = [cell for cell in first if is_number(cell, decimal)]
    if len(numbers) < 2 or len(numbers) == len(first) or not all(cell.isdigit() for cell in numbers):
        return False
    values = [int(cell) for cell in numbers]
    steps = {after - before for before, after in itertools.pairwise(values)}
    if steps not in ({1}, {-1}) and not all(_YEARS[0] <= value <= _YEARS[1] for value in values):
        return False
    below = [int(column[0]) if column[0].isdigit() else None for column in columns]
    return below[-len(values) :] != [value + 1 for value in values] and len(set(values)) == len(values)


def _commented_header(comment: str, candidate: Candidate) -> Row:
    """The names in the last comment above rows without a header, as loggers write them."""
    text = comment.lstrip(_COMMENT + " \t").rstrip("\r\n")
    cells = tuple(cell.strip() for cell in text.split(candidate.dialect.delimiter))
    is_names = len(cells) == candidate.width > 1 and not any(is_typed(cell, ".") for cell in cells)
    return cells if comment.startswith(_COMMENT) and is_names else ()


def _units(rows: Sequence[Row], decimal: str) -> Row:
    """The units in the first row when it is one of units and the rows below it are numbers or times."""
    if len(rows) < 2:
        return ()
    first, columns = rows[0], list(zip(*(row for row in rows[1:] if len(row) == len(rows[0])), strict=True))
    if not columns or any(is_typed(cell, decimal) for cell in first):
        return ()
    units = tuple(map(unit_of, first))
    typed = [
        place
        for place, column in enumerate(columns)
        if column_is_typed(column, decimal) or all(map(is_missing, column))
    ]
    is_all = all(unit or is_missing(cell) for unit, cell in zip(units, first, strict=True))
    return units if is_all and any(units[place] for place in typed) else ()


def _padded(names: Row, width: int) -> Row:
    return (*names[:width], *("",) * (width - len(names)))


def _no_header(table: Sequence[Row], is_wished: bool) -> str:
    made = "the columns are named column_1 and on"
    if is_wished:
        return f"There is no header: {made}."
    return f"There is no header: the first line fits the columns ({_shortened(table[0])}); {made}."


def _shortened(row: Row) -> str:
    text = ", ".join(row)
    return text if len(text) <= 60 else text[:59] + "…"
