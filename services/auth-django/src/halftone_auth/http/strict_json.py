"""JSON as it should be: UTF-8, finite numbers, no duplicate keys, bounded size and depth."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework.parsers import BaseParser
from typing_extensions import override

MAX_DEPTH = 32
MAX_DIGITS = 40
SURROGATE = re.compile("[\ud800-\udfff]")
SURROGATE_OR_NUL = re.compile("[\0\ud800-\udfff]")
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class StrictJSONParser(BaseParser):
    """DRF parser. Raises `bad_json`, or `body_too_large` above the limit."""

    media_type = "application/json"
    allows_nul = False

    @property
    def limit(self) -> int:
        """Bytes that a body may have."""
        return int(settings.JSON_MAX_BYTES)

    @override
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(self.limit + 1)
        if len(body) > self.limit:
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE)
        value = loads(body, allows_nul=self.allows_nul)
        if not isinstance(value, dict):
            raise HalftoneError(ErrorCode.BAD_JSON, "The body must be an object.")
        return value


def loads(body: bytes, *, allows_nul: bool = False) -> object:
    """Parses one JSON document. Raises `bad_json`."""
    value: object
    try:
        text = body.decode("utf-8")
        _check_depth(text)
        value = json.loads(
            text, parse_constant=_no_constant, parse_int=_integer, parse_float=_number, object_pairs_hook=_object
        )
        # UTF-8 holds neither; only an escape can bring them in.
        if "\\u" in text:
            _check_text(value, SURROGATE if allows_nul else SURROGATE_OR_NUL)
    except UnicodeDecodeError as error:
        raise HalftoneError(ErrorCode.BAD_JSON, "The body is not UTF-8.") from error
    except json.JSONDecodeError as error:
        raise HalftoneError(ErrorCode.BAD_JSON, f"{error.msg} at line {error.lineno}, column {error.colno}.") from error
    except _RefusedError as error:
        raise HalftoneError(ErrorCode.BAD_JSON, str(error)) from error
    return value


class _RefusedError(ValueError):
    """Valid for a lenient parser, refused here."""


def _check_depth(text: str) -> None:
    """Counts brackets outside of strings before the recursive parser sees them."""
    depth = 0
    for token in STRING_OR_BRACKET.finditer(text):
        char = text[token.start()]
        if char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _RefusedError(f"Nested deeper than {MAX_DEPTH} levels.")
        elif char in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError("A key occurs twice in one object.")
    return found


def _check_text(value: object, refused: re.Pattern[str]) -> None:
    """Looks at every key and string."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            if refused.search(item):
                raise _RefusedError("Text holds a NUL or half of a surrogate pair.")
        elif isinstance(item, dict):
            left.extend(item.keys())
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _RefusedError("A number has too many digits.")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _RefusedError("A number is too large.")
    return value


def _no_constant(name: str) -> NoReturn:
    raise _RefusedError(f"{name} is not JSON.")
