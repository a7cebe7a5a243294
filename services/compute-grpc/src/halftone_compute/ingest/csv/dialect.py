"""The dialect of a text file, judged by evidence: every way of dividing a sample of it is scored."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from halftone_compute.ingest.csv.cells import rows_of
from halftone_compute.ingest.csv.evidence import is_typed, typed_share
from halftone_compute.ingest.reading import Dialect, ReadingWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What divides cells, and how readily it is believed: spaces stand inside cells too.
DELIMITERS = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, " ": 0.6}
_ALONE = 0.7
# What a line above the header costs: commas in a title divide it otherwise than the rows.
_ABOVE = 0.7
# What it costs to leave a header whole that has a delimiter; a comma before a space is a comma of a sentence.
_DIVIDING = re.compile(r"[;\t|]|,(?=\S)")
_UNDIVIDED_HEADER = 0.01
# Where one of these divides every row evenly, the mark before it stands inside cells.
_STRONGER = {" ": ";\t|", ",": "\t|"}
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
# The first row may be a header: it only decides where the others say nothing.
_FIRST = 1e-3
# A second reading that scores nearly as well makes the first a question.
_NEARLY = 0.97
_ROWS = 200
_ESCAPE = "\\"
# Either a fraction, or groups of digits.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_DIVISIBLE = re.compile(r"[,;\t|]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to divide a sample: its rows (line from 0, cells) and how many cells most of them have.

    score   how even the rows are, times what share of their cells are numbers or times
    """

    dialect: Dialect
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    width: int
    score: float


def judged_dialect(sample: str, wished: Mapping[str, Any]) -> tuple[Candidate, list[ReadingWarning]]:
    """The best candidate for the lines of `sample`, and the questions that are left. What is `wished` is not judged."""
    candidates = [found for dialect in _dialects(sample, wished) if (found := scored(sample, dialect)) is not None] or [
        _undivided(sample, wished)
    ]
    best = max(candidates, key=lambda each: each.score)
    stronger = [each for each in candidates if _divides_all(each, _STRONGER.get(best.dialect.delimiter, ""))]
    best = max(stronger, key=lambda each: each.score, default=best)
    warnings = _delimiter(best, candidates)
    best, question = _decimal(best, candidates)
    return best, warnings + question


def _divides_all(candidate: Candidate, marks: str) -> bool:
    """Whether one of `marks` divides every row into as many cells, and more than one."""
    rows = [row for _, row in candidate.rows if row]
    widths = {len(row) for row in rows}
    return candidate.dialect.delimiter in marks and candidate.width > 1 and widths == {candidate.width}


def _delimiter(best: Candidate, candidates: list[Candidate]) -> list[ReadingWarning]:
    """Says what else could divide the cells."""
    others = [each for each in candidates if each.dialect.delimiter != best.dialect.delimiter]
    rivals = [
        each
        for each in others
        if (each.width > 1 and each.score >= _NEARLY * best.score and best.width > 1) or _divides_all(each, ";\t|")
    ]
    if best.width == 1 or best.dialect.delimiter == " ":
        rivals += [each for each in others if each.dialect.delimiter != " " and _divides_below(each)]
    if not rivals:
        return []
    ours = f"Cells are divided by {_name(best)}" if best.width > 1 else "Every line is one cell"
    theirs = _name(max(rivals, key=lambda each: each.score))
    return [ReadingWarning("delimiter", f"{ours}; they could as well be divided by {theirs}.")]


def _divides_below(candidate: Candidate) -> bool:
    """Whether all rows but the first, which may be a title, have the same number of cells, more than one."""
    below = {len(row) for _, row in candidate.rows[1:] if row}
    return len(below) == 1 and below != {1}


def _decimal(best: Candidate, candidates: list[Candidate]) -> tuple[Candidate, list[ReadingWarning]]:
    """The candidate with the likelier decimal mark, where cells fit both; and whether that is a question.

    Where semicolons divide cells a comma is a decimal mark; else it stands between groups of digits, of which the judge
    of the column speaks.
    """
    rival = next((each for each in candidates if _differs_by_mark(best, each) and each.score == best.score), None)
    cells = {found[0] for _, row in best.rows for cell in row if (found := _EITHER.fullmatch(cell.strip()))}
    if rival is None or not cells:
        return best, []
    example = min(cells)
    if best.dialect.delimiter == ";" and "," in example:
        best = rival
    if best.dialect.decimal not in example or (best.dialect.delimiter == "," and best.width > 1):
        return best, []
    whole = example.replace(best.dialect.decimal, "")
    return best, [ReadingWarning("decimal", f"{example} is read as a fraction; {whole} could be meant as well.")]


def _differs_by_mark(best: Candidate, other: Candidate) -> bool:
    ours, theirs = best.dialect, other.dialect
    same = replace(ours, decimal=theirs.decimal) == theirs or (
        best.width == 1 == other.width and ours.quote == theirs.quote
    )
    return same and ours.decimal != theirs.decimal


def scored(sample: str, dialect: Dialect) -> Candidate | None:
    """None: `sample` can not be divided so."""
    is_torn, rows = _rows(sample, dialect)
    widths = Counter(len(row) for _, row in rows if row)
    if not widths:
        return None
    width = max(widths, key=lambda count: (widths[count], count))
    if widths[width] == 1:
        # No two rows agree: the first is the header.
        width = next(len(row) for _, row in rows if row)
    start = next(place for place, (_, row) in enumerate(rows) if len(row) == width)
    table = [row for _, row in rows[start:] if row]
    even = sum(len(row) == width for row in table) / len(table)
    body = [row for row in table[1:] or table if len(row) == width]
    typed = typed_share((cell for row in body for cell in row), dialect.decimal)
    doubtful = 0.5 * _wrapped_share(body) + 0.1 * _divisible_share(body, dialect)
    typed += _FIRST * typed_share(table[0], dialect.decimal)
    score = even**3 * (0.1 + typed) * (DELIMITERS.get(dialect.delimiter, 1.0) if width > 1 else _ALONE)
    score *= (0.5 if is_torn else 1.0) * (1 - doubtful) * _ABOVE ** min(start, 2)
    if width == 1:
        score *= _UNDIVIDED_HEADER if _DIVIDING.search(table[0][0]) else 1.0
        score *= 1 - 0.5 * sum(bool(_DIVIDING.search(row[0])) for row in table) / len(table)
    return Candidate(dialect, tuple(rows), width, score)


def _rows(sample: str, dialect: Dialect) -> tuple[bool, list[tuple[int, tuple[str, ...]]]]:
    """Whether a quote is followed by text or never closed; and the rows."""
    for strict in (True, False):
        rows: list[tuple[int, tuple[str, ...]]] = []
        try:
            for line, row in rows_of(sample, dialect, strict=strict):
                rows.append((line, tuple(row)))
                if len(rows) == _ROWS:
                    break
        except csv.Error:
            continue
        return not strict, rows
    return True, rows


def _dialects(sample: str, wished: Mapping[str, Any]) -> Iterator[Dialect]:
    # Those that are nowhere divide nothing: the file may have one column, of either decimal mark.
    delimiters = sorted(DELIMITERS, key=lambda mark: mark not in sample)
    delimiters = delimiters[: sum(mark in sample for mark in DELIMITERS) + 2]
    quotes = [mark for mark in ('"', "'") if _opens_cells(sample, mark)] or ['"']
    # Where both read the rows as well, a backslash before a quote is no letter.
    escapes = [_ESCAPE, ""] if any(_ESCAPE + mark in sample for mark in "\"'") else [""]
    if any(_is_torn(sample, mark) for mark in quotes):
        quotes.append("")
    choices = {"delimiter": delimiters, "quote": quotes, "escape": escapes, "decimal": [".", ","]}
    choices |= {key: [wished[key]] for key in (*choices, "thousands") if key in wished}
    for values in product(*choices.values()):
        chosen: dict[str, Any] = dict(zip(choices, values, strict=True))
        if chosen["decimal"] != chosen["delimiter"]:
            yield replace(Dialect(), **chosen)


def _opens_cells(sample: str, quote: str) -> bool:
    return (
        quote in sample
        and re.search(rf"(?:^|[,;\t| ]){quote}.*{quote}(?:[,;\t| ]|\r?$)", sample, re.M | re.S) is not None
    )


def _is_torn(sample: str, quote: str) -> bool:
    """Whether a quote that ends a cell is followed by other text."""
    return re.search(rf"(?:^|[,;\t|]){quote}[^{quote}\n]*{quote}[^,;\t| {quote}\r\n]", sample, re.M) is not None


def _wrapped_share(rows: list[tuple[str, ...]]) -> float:
    """The share of cells that keep quotes around them: the file has quotes that the dialect does not know."""
    cells = [cell for row in rows for cell in row if cell]
    wrapped = sum(len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'" for cell in cells)
    return wrapped / max(1, len(cells))


def _divisible_share(rows: list[tuple[str, ...]], dialect: Dialect) -> float:
    """The share of cells that hold another delimiter and are no number or time with it."""
    cells = [cell for row in rows for cell in row if cell]
    divisible = sum(bool(_DIVISIBLE.search(cell)) and not is_typed(cell, dialect.decimal) for cell in cells)
    return divisible / max(1, len(cells))


def _undivided(sample: str, wished: Mapping[str, Any]) -> Candidate:
    dialect = Dialect(**{key: wished[key] for key in ("delimiter", "quote", "escape", "decimal") if key in wished})
    lines = [line.rstrip("\r\n") for line in _LINE.findall(sample)]
    return Candidate(dialect, tuple((place, (line,)) for place, line in enumerate(lines)), 1, 0.0)


def _name(candidate: Candidate) -> str:
    delimiter = candidate.dialect.delimiter
    return _NAMES.get(delimiter, f"{delimiter!r}")
