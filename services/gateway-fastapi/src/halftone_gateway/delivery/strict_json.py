"""JSON as the protocol accepts it: one object, no repeated keys, finite numbers, bounded depth."""

import json
import math
from typing import Final, NoReturn

from halftone_servicekit.errors import ErrorCode, HalftoneError

MAX_DEPTH: Final = 32

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def parse_object(text: str) -> dict[str, Json]:
    """Raises `bad_json` for text that is no strict JSON and `bad_message` for JSON that is no object."""
    try:
        document = _DECODER.decode(text)
        # Python's strings may hold a lone surrogate, which is no valid text.
        text.encode()
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HalftoneError(ErrorCode.BAD_JSON) from error
    if not isinstance(document, dict):
        raise HalftoneError(ErrorCode.BAD_MESSAGE, "A message is a JSON object.")
    if _depth(document) > MAX_DEPTH:
        raise HalftoneError(ErrorCode.BAD_JSON, f"The message is nested deeper than {MAX_DEPTH} levels.")
    return document


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is repeated")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _depth(document: Json) -> int:
    deepest = 0
    level: list[Json] = [document]
    while level:
        deepest += 1
        level = [child for parent in level for child in _children(parent)]
    return deepest - 1


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
