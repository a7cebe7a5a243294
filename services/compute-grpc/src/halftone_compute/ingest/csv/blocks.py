"""Blocks of whole rows of a text file: a row may hold line ends inside quotes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.text.bytes import line_ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.ingest.reading import Dialect
    from halftone_compute.ingest.text.bytes import TextBytes

# The first block is small: a preview needs no more.
_FIRST_BYTES = 256 << 10
_BLOCK_BYTES = 4 << 20
# A row of more bytes is a quote that was left open.
_ROW_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows as UTF-8. `line` is the number of its first line in the file, `file_bytes` what was read so far."""

    data: bytes
    line: int
    file_bytes: int
    is_last: bool


def blocks(text: TextBytes, dialect: Dialect, line: int) -> Iterator[Block]:
    """All that is left of `text`, which starts with line `line` of the file.

    Raises HalftoneError `ragged_row` for a quote that is never closed, and what `text` raises.
    """
    data = text.read(_FIRST_BYTES)
    ended = len(data) < _FIRST_BYTES
    while data:
        end = len(data) if ended else rows_end(data, dialect)
        if ended:
            _check_closed(data, dialect, line)
        elif end == 0 and len(data) > _ROW_BYTES:
            raise HalftoneError(
                ErrorCode.RAGGED_ROW, f"The row of line {line:,} is longer than 8 MiB; a quote may have been left open."
            )
        if end:
            block = data[:end]
            yield Block(block, line, text.file_bytes, ended)
            line += line_ends(block)
        more = b"" if ended else text.read(_BLOCK_BYTES)
        ended = len(more) < _BLOCK_BYTES
        data = data[end:] + more


def rows_end(data: bytes, dialect: Dialect) -> int:
    """How many bytes of `data`, which starts with a row, are whole rows."""
    opens, closes = quoted(data, dialect)
    end = len(data)
    # Backwards over the quoted cells: the last line end that lies in none.
    for place in range(len(opens) - 1, -1, -1):
        found = data.rfind(b"\n", int(closes[place]), end)
        if found >= 0:
            return found + 1
        end = int(opens[place])
    return data.rfind(b"\n", 0, end) + 1


def quoted(data: bytes, dialect: Dialect) -> tuple[np.ndarray, np.ndarray]:
    """Where quoted cells begin and end: the places of both quotes, int64; for one left open, the length of `data`.

    A quote opens a cell only at its start; inside, two quotes, or one after an escape, are a letter.
    """
    quote = dialect.quote.encode()
    if not quote or quote not in data:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    letters = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(letters == quote[0])
    if dialect.escape and dialect.escape.encode() in data:
        places = places[~_escaped(letters, places, ord(dialect.escape))]
    opens, closes = places[0::2], places[1::2]
    if len(closes) < len(opens):
        closes = np.append(closes, len(data))
    before = letters[np.maximum(opens - 1, 0)]
    starts = (opens == 0) | _is_end(dialect)[before]
    starts[1:] |= opens[1:] == closes[:-1] + 1
    if starts.all():
        return opens, closes
    return _walked(data, places.tolist(), dialect)


def torn_quotes(data: bytes, dialect: Dialect) -> np.ndarray:
    """Places of quotes that close a cell though other text follows in it, int64."""
    _, closes = quoted(data, dialect)
    closes = closes[closes < len(data) - 1]
    after = np.frombuffer(data, np.uint8)[closes + 1]
    torn: np.ndarray = closes[~_is_end(dialect)[after] & (after != ord(dialect.quote or "\n"))]
    return torn


def _escaped(letters: np.ndarray, places: np.ndarray, escape: int) -> np.ndarray:
    """Which of `places` follow an odd number of escapes."""
    escaped = np.zeros(len(places), bool)
    back = places - 1
    live = np.flatnonzero((back >= 0) & (letters[np.maximum(back, 0)] == escape))
    while len(live):
        escaped[live] ^= True
        back[live] -= 1
        live = live[(back[live] >= 0) & (letters[np.maximum(back[live], 0)] == escape)]
    return escaped


def _walked(data: bytes, places: list[int], dialect: Dialect) -> tuple[np.ndarray, np.ndarray]:
    """Quote by quote: some stand inside cells that are not quoted, and open nothing."""
    ends = _is_end(dialect)
    opens, closes = [], []
    place = 0
    while place < len(places):
        opened = places[place]
        place += 1
        if opened and not ends[data[opened - 1]]:
            continue
        opens.append(opened)
        closed = len(data)
        while place < len(places):
            closed = places[place]
            place += 1
            if place == len(places) or places[place] != closed + 1:
                break
            closed = len(data)
            place += 1
        closes.append(closed)
    return np.array(opens, np.int64), np.array(closes, np.int64)


def _is_end(dialect: Dialect) -> np.ndarray:
    """Of each byte, whether a cell ends there: bool of shape (256,)."""
    ends = np.zeros(256, bool)
    ends[np.frombuffer(dialect.delimiter.encode() + b"\r\n", np.uint8)] = True
    return ends


def _check_closed(data: bytes, dialect: Dialect, line: int) -> None:
    opens, closes = quoted(data, dialect)
    if len(opens) and closes[-1] == len(data):
        start = line + data.count(b"\n", 0, int(opens[-1]))
        raise HalftoneError(ErrorCode.RAGGED_ROW, f"A quote in line {start:,} is never closed.")
