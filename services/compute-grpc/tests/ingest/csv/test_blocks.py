"""Blocks end where rows end, whatever stands inside quotes."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from halftone_compute.ingest.csv import blocks as module
from halftone_compute.ingest.csv.blocks import Block, blocks, quoted, rows_end, torn_quotes
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Dialect
from halftone_compute.ingest.text.bytes import TextBytes
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path

_BACKSLASH = Dialect(escape="\\")


@pytest.mark.parametrize(
    ("data", "dialect", "whole"),
    [
        (b"a,b\n1,2\n3", Dialect(), b"a,b\n1,2\n"),
        (b"no end", Dialect(), b""),
        (b'a,"x\ny"\nb,"z\n', Dialect(), b'a,"x\ny"\n'),
        (b'a,"x\ny', Dialect(), b""),
        (b'a,"x""\n""y"\nb,"""\n', Dialect(), b'a,"x""\n""y"\n'),
        (b'5" pipe\n6" pipe\n7', Dialect(), b'5" pipe\n6" pipe\n'),
        (b'5" pipe,"a\nb"\n7', Dialect(), b'5" pipe,"a\nb"\n'),
        (b'5",pipe,"a\nb', Dialect(), b""),
        (b'x,"a\\"\nb"\nc', _BACKSLASH, b'x,"a\\"\nb"\n'),
        (b'x,"a\\\\"\nc,"b\n', _BACKSLASH, b'x,"a\\\\"\n'),
        (b"x,'a\nb'\nc", Dialect(quote="'"), b"x,'a\nb'\n"),
        (b'x,"a\nb', Dialect(quote=""), b'x,"a\n'),
    ],
)
def test_whole_rows(data: bytes, dialect: Dialect, whole: bytes) -> None:
    assert data[: rows_end(data, dialect)] == whole


def _slowly_quoted(data: str) -> list[tuple[int, int]]:
    """By letters: a quote opens a cell at its start; inside, two quotes are a letter."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(data):
        if data[place] == '"' and (place == 0 or data[place - 1] in ",\n"):
            end = place + 1
            while end < len(data) and (data[end] != '"' or data[end : end + 2] == '""'):
                end += 2 if data[end] == '"' else 1
            found.append((place, end))
            place = end
        place += 1
    return found


def _inside(ranges: list[tuple[int, int]], length: int) -> set[int]:
    return {place for start, end in ranges for place in range(start, min(end, length))}


def test_quotes_as_a_slow_reader_sees_them() -> None:
    dice = random.Random(5)  # noqa: S311 - no secret, and the same texts each time
    for _ in range(20_000):
        text = "".join(dice.choice('"""a,\n') for _ in range(dice.randrange(14)))
        opens, closes = quoted(text.encode(), Dialect())
        ours = _inside(list(zip(opens.tolist(), closes.tolist(), strict=True)), len(text))
        ends = {place for place, letter in enumerate(text) if letter == "\n"}
        assert ours & ends == _inside(_slowly_quoted(text), len(text)) & ends, text


@pytest.mark.parametrize(
    ("data", "places"),
    [(b'"a","b""c"\n', []), (b'"a"b,c\n"d" \n', [2, 9]), (b'"a"', []), (b"a,b\n", []), (b'5" pipe\n', [])],
)
def test_quotes_before_other_text(data: bytes, places: list[int]) -> None:
    assert torn_quotes(data, Dialect()).tolist() == places


def _blocks(folder: Path, data: bytes, dialect: Dialect | None = None) -> list[Block]:
    (folder / "source").write_bytes(data)
    with closing(TextBytes(folder / "source", Budget(len(data), 1 << 40))) as text:
        return list(blocks(text, dialect or Dialect(), 1))


def test_blocks_hold_every_byte_and_know_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_BYTES", 7)
    monkeypatch.setattr(module, "_BLOCK_BYTES", 11)
    data = b'a,b\n"1\n\n2",3\r\n4,"5"\n6,7\n8,9'
    found = _blocks(tmp_path, data)
    assert b"".join(block.data for block in found) == data
    assert len(found) > 2
    for place, block in enumerate(found):
        assert block.line == 1 + b"".join(each.data for each in found[:place]).count(b"\n")
        assert block.is_last == (place == len(found) - 1)


@pytest.mark.parametrize("data", [b'a,b\n1,"2\n3,4\n', b'a,b\n1,2\n3,4\n5,"6\n7,8'])
def test_a_quote_left_open(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(HalftoneError) as caught:
        _blocks(tmp_path, data)
    line = data[: data.index(b'"')].count(b"\n") + 1
    assert (caught.value.code, caught.value.detail) == (
        ErrorCode.RAGGED_ROW,
        f"A quote in line {line} is never closed.",
    )


def test_a_quote_left_open_is_not_read_to_the_end(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        _blocks(tmp_path, b'a,b\n1,"2\n' + b"3,4\n" * 4_000_000)
    assert caught.value.detail == "The row of line 2 is longer than 8 MiB; a quote may have been left open."


def test_an_empty_file(tmp_path: Path) -> None:
    assert _blocks(tmp_path, b"") == []
