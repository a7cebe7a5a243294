"""JSON as every tier takes it: finite numbers, no repeated keys, whole characters, bounded depth."""

import json
import math
import re
from typing import Final, NoReturn

MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 40
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SURROGATE_OR_NUL: Final = re.compile("[\0\ud800-\udfff]")
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class StrictJsonError(ValueError):
    """The text is not JSON, or JSON that is refused here; the message says why."""


def loads(text: str, *, allows_nul: bool = False) -> object:
    """Parses one JSON document. Raises StrictJsonError."""
    _check_depth(text)
    try:
        value: object = json.loads(
            text, parse_constant=_no_constant, parse_int=_integer, parse_float=_number, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"{error.msg} at line {error.lineno}, column {error.colno}.") from error
    # UTF-8 holds neither; only an escape can bring them in.
    if "\\u" in text:
        _check_characters(value, _SURROGATE if allows_nul else _SURROGATE_OR_NUL)
    return value


def _check_depth(text: str) -> None:
    """Counts brackets outside of strings before the recursive parser sees them."""
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        char = text[token.start()]
        if char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise StrictJsonError(f"Nested deeper than {MAX_DEPTH} levels.")
        elif char in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise StrictJsonError("A key occurs twice in one object.")
    return found


def _check_characters(value: object, refused: re.Pattern[str]) -> None:
    """Looks at every key and string."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            if refused.search(item):
                raise StrictJsonError("Text holds a NUL or half of a surrogate pair.")
        elif isinstance(item, dict):
            left.extend(item.keys())
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise StrictJsonError("A number has too many digits.")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise StrictJsonError("A number is too large.")
    return value


def _no_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON.")
