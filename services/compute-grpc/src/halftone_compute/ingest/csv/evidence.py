"""What a cell of text looks like: a number in which style, or a time. Only how a file is divided is judged by this."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Empty cells say nothing of how a file is divided; these say little.
_MISSING = frozenset(
    ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "\\n", "-", "--", ".", "?", "<na>", "#div/0!", "n/d")
)
_AROUND = r"[$€£¥]? ?(?:{}) ?(?:[$€£¥%°]|[A-Za-zµ°/%]{{1,6}}\d?)?"
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_SPACES = "' \u00a0\u202f"
_DOT = re.compile(
    _AROUND.format(rf"[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}|[+-]?\d{{1,3}}(?:[,{_SPACES}]\d{{3}})+(?:\.\d+)?")
)
_COMMA = re.compile(
    _AROUND.format(rf"[+-]?(?:\d+(?:,\d+)?|,\d+){_EXPONENT}|[+-]?\d{{1,3}}(?:[.{_SPACES}]\d{{3}})+(?:,\d+)?")
)
_WORDS = re.compile(r"[+-]?(?:inf|infinity|nan)", re.IGNORECASE)
_CLOCK = r"\d{1,2}:\d{2}[\d:.+\-ZUTCGMAPapm ]*(?:,\d+Z?)?"
_NAMED = r"(?:\w{3,9},? )?(?:\d{1,2}[- ][A-Za-z]{3,9}\.?[- ,]+\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})"
_DURATION = r"[+-]?(?:(?:\d{1,9} days?,? +)?\d{1,9}:[0-5]\d:[0-5]\d(?:[.,]\d{1,9})?|P(?=T?\d)(?:\d+D)?(?:T[\dHMS.,]+)?)"
_TIME = re.compile(rf"{_DURATION}|(?:\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}|{_NAMED})(?:[T ]{_CLOCK})?|{_CLOCK}")


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in _MISSING


def is_number(cell: str, decimal: str) -> bool:
    cell = cell.strip(" ")
    return bool((_COMMA if decimal == "," else _DOT).fullmatch(cell) or _WORDS.fullmatch(cell))


def is_time(cell: str) -> bool:
    """Whether it looks like a point in time, a time of day, or a duration."""
    return bool(_TIME.fullmatch(cell.strip(" ")))


def is_typed(cell: str, decimal: str) -> bool:
    return is_number(cell, decimal) or is_time(cell)


def typed_share(cells: Iterable[str], decimal: str) -> float:
    """Of the cells that are not missing, the share that is a number or a time."""
    kinds = Counter(_kind(cell, decimal) for cell in cells)
    return kinds["typed"] / max(1, kinds["typed"] + kinds["text"])


def column_is_typed(cells: Iterable[str], decimal: str) -> bool:
    """Whether nearly all cells are numbers, or nearly all are times; False for a column without any."""
    present = [cell for cell in cells if not is_missing(cell)]
    nearly = 0.95 * len(present)
    numbers = sum(is_number(cell, decimal) for cell in present)
    return bool(present) and (numbers >= nearly or sum(is_time(cell) for cell in present) >= nearly)


def _kind(cell: str, decimal: str) -> str:
    if is_missing(cell):
        return "missing"
    return "typed" if is_typed(cell, decimal) else "text"
