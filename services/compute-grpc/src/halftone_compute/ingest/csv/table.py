"""A text file as a table: its dialect and header are known, its rows come as blocks."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.csv.blocks import blocks, rows_end
from halftone_compute.ingest.csv.dialect import judged_dialect, scored
from halftone_compute.ingest.csv.head import Head, found_head, lines_above, separator_line
from halftone_compute.ingest.limits import LINE_BYTES, check_columns
from halftone_compute.ingest.reading import Dialect, ReadingWarning, Wishes
from halftone_compute.ingest.text.bytes import NotUtf8Error, TextBytes
from halftone_compute.ingest.text.encoding import WESTERN, encoding_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from halftone_compute.ingest.csv.blocks import Block
    from halftone_compute.ingest.limits import Budget

# The dialect is judged from this much; a line may be longer, and then is judged alone.
_SAMPLE_BYTES = 128 << 10
_START_BYTES = 2 * LINE_BYTES
# What an earlier version was read by holds while it scores nearly as well as what is judged.
_STILL_FITS = 0.95


@dataclass(frozen=True, slots=True)
class TextTable:
    """`names` and `units` are those of the file, empty where it has none; `line` is that of the first row, from 1."""

    path: Path
    budget: Budget
    dialect: Dialect
    names: tuple[str, ...]
    units: tuple[str, ...]
    line: int
    warnings: tuple[ReadingWarning, ...]

    def blocks(self) -> Iterator[Block]:
        """Raises HalftoneError `ragged_row` and what TextBytes raises, and NotUtf8Error when the encoding was found."""
        with closing(TextBytes(self.path, self.budget, self._named_encoding())) as text:
            start = text.read(_START_BYTES)
            text.give_back(start[_lines_end(start, self.line - 1) :])
            yield from blocks(text, self.dialect, self.line)

    def _named_encoding(self) -> str:
        # The encoding is found anew where the file is UTF-8, so that other bytes later are noticed.
        return "" if self.dialect.encoding == "utf-8" else self.dialect.encoding


def opened_table(path: Path, budget: Budget, wishes: Wishes, *, is_western: bool = False) -> TextTable:
    """Judges the start of the file. With `is_western` it is read as Windows-1252 where nothing else is wished.

    Raises HalftoneError `empty_file`, `too_many_columns`, `param_invalid` and what TextBytes raises.
    """
    wished = dict(wishes.dialect)
    _check_wished(wished)
    named = wished.get("encoding", "") if wishes.firm else ""
    try:
        start, encoding = _start(path, budget, named or (WESTERN if is_western else ""))
    except NotUtf8Error:
        return opened_table(path, budget, wishes, is_western=True)
    if not wishes.firm and encoding == WESTERN and "encoding" in wished:
        # Which letters other bytes are can only be known from the version before.
        start, encoding = _start(path, budget, wished["encoding"])
    if not start.strip():
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    sample = _sample(start, is_whole=len(start) < _START_BYTES)
    head, questions = _judged(sample, wishes)
    if head.line < 0 and len(sample.encode()) == len(start):
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    # Where the sample holds no row below the header, the next line begins one.
    line = head.line if head.line >= 0 else sample.count("\n")
    check_columns(len(head.names))
    sentence = encoding_sentence(encoding)
    encoded = [ReadingWarning("encoding", sentence)] if sentence else []
    return TextTable(
        path,
        budget,
        replace(head.dialect, encoding=encoding),
        head.names,
        head.units,
        line + 1,
        (*encoded, *questions, *head.warnings),
    )


def _start(path: Path, budget: Budget, encoding: str) -> tuple[bytes, str]:
    with closing(TextBytes(path, budget, encoding)) as text:
        return text.read(_START_BYTES), text.encoding


def _judged(sample: str, wishes: Wishes) -> tuple[Head, list[ReadingWarning]]:
    wished = dict(wishes.dialect) if wishes.firm else _without(wishes.dialect, "above")
    above = wished["above"] if "above" in wished else lines_above(sample)
    lines = sample.split("\n")
    body = "\n".join(lines[above:])
    if not body.strip():
        raise (
            _wish_error("above", "So many lines are not in the file.") if above else HalftoneError(ErrorCode.EMPTY_FILE)
        )
    separator = separator_line(sample)
    firm = ({"delimiter": separator} if separator else {}) | (wished if wishes.firm else {})
    best, questions = judged_dialect(body, firm)
    if not wishes.firm and wished:
        tried = scored(body, replace(best.dialect, **_without(wished, "header", "units_row", "encoding")))
        if tried is not None and tried.score >= _STILL_FITS * best.score:
            best, questions = tried, []
    comment = lines[above - 1] if above else ""
    return found_head(best, above, comment, wished if wishes.firm else {}), questions


def _sample(start: bytes, *, is_whole: bool) -> str:
    """Whole lines and, as far as the usual quotes say, whole rows."""
    if is_whole and len(start) <= _SAMPLE_BYTES:
        return start.decode("utf-8")
    part = start[:_SAMPLE_BYTES]
    end = rows_end(part, Dialect()) or part.rfind(b"\n") + 1 or start.find(b"\n") + 1 or len(start)
    return start[:end].decode("utf-8", "ignore")


def _lines_end(start: bytes, lines: int) -> int:
    end = 0
    for _ in range(lines):
        end = start.find(b"\n", end) + 1
        if end == 0:
            return len(start)
    return end


def _check_wished(wished: Mapping[str, Any]) -> None:
    for key in ("delimiter", "quote", "escape", "decimal", "thousands"):
        value = wished.get(key, ",")
        is_one = len(value) == 1 and (value.isascii() or key in ("decimal", "thousands")) and value not in "\r\n"
        if not is_one and not (value == "" and key in ("quote", "escape", "thousands")):
            raise _wish_error(key, "It is one character.")
    if wished.get("above", 0) < 0:
        raise _wish_error("above", "It is a number of lines.")
    chosen = {key: wished[key] for key in ("delimiter", "quote", "escape") if wished.get(key)}
    if len(set(chosen.values())) < len(chosen):
        raise _wish_error(next(iter(chosen)), "Delimiter, quote and escape differ.")


def _wish_error(key: str, text: str) -> HalftoneError:
    return HalftoneError(ErrorCode.PARAM_INVALID, text, field=f"reading.dialect.{key}")


def _without(wished: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    known = {each.name for each in fields(Dialect)}
    return {key: value for key, value in wished.items() if key in known and key not in keys}
