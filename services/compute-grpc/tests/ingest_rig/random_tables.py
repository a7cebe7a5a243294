"""Random tables, written as text in random dialects."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

# A value, and the cell that it is written as.
Maker: TypeAlias = "Callable[[], tuple[object, str]]"

_WORDS = (
    "north",
    "Süd",
    "a b",
    "O'Hara",
    "x, y",
    "1 of 2",
    'say "hi"',
    "tab\there",
    "two\nlines",
    "semi;colon",
    "bar|",
    "ß",
    " padded ",
    "#7",
)
_LATIN = ("north", "Süd", "é", "ß")
_MISSING = ("", "NA", "N/A", "null", "NULL", "-", "nan", "None", "?", "\\N", "#N/A")
_SHAPES = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d %b %Y",
    "%Y-%m-%dT%H:%M:%S+00:00",
)
_AFFIXES = ("%", " %", " km", "€", "$", " °C")
_PACKINGS = ("", "", "", "", "gz", "zst", "bz2", "zip")
_TITLES = ("# made by a logger", "Extract of 2025-01-06", "Report of the day", "", "#units in SI")


@dataclass(frozen=True)
class Column:
    """Values of one kind, and the cells that they are written as; None is missing."""

    name: str
    kind: str
    values: list[Any]
    cells: list[str]


@dataclass(frozen=True)
class WrittenTable:
    """The bytes of a file, the columns in it, and the dialect in words for the message of a failure."""

    data: bytes
    columns: list[Column]
    dialect: dict[str, Any]


def written_table(dice: Random) -> WrittenTable:
    dialect = _dialect(dice)
    rows = dice.choice((1, 2, 3, 5, 8, 13, 40, 120))
    width = dice.choice((1, 2, 3, 3, 4, 6))
    if width == 1:
        # Commas in a single column, or delimiters: what they mean is not in the file.
        dialect |= {"decimal": ".", "thousands": ""}
    columns = [_column(dice, place, rows, dialect) for place in range(width)]
    if len(columns) == 1:
        # What stands above a single column, or is empty in it, looks like a part of it.
        dialect |= {"titles": [], "missing": dialect["missing"] or "NA"}
    dialect["packing"] = dice.choice(_PACKINGS)
    return WrittenTable(_packed(_written(dice, columns, dialect), dialect["packing"]), columns, dialect)


def _dialect(dice: Random) -> dict[str, Any]:
    delimiter = dice.choice(",,;;\t|")
    decimal = dice.choice((".", ".", ",")) if delimiter != "," else "."
    escape = dice.choice(("", "", "", "\\"))
    return {
        "delimiter": delimiter,
        "decimal": decimal,
        "thousands": dice.choice(("", "", "", "," if decimal == "." else ".", "'", " ")),
        "quote": dice.choice('""""\''),
        "escape": escape,
        "quoting": dice.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)),
        "encoding": dice.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "cp1252")),
        "end": dice.choice(("\n", "\n", "\r\n", "\r")),
        "header": dice.random() < 0.8,
        "units": dice.random() < 0.15,
        "titles": [dice.choice(_TITLES) for _ in range(dice.choice((0, 0, 0, 1, 2)))],
        "missing": dice.choice(_MISSING) if not escape else "",
        "ends_with_line": dice.random() < 0.8,
    }


def _column(dice: Random, place: int, rows: int, dialect: dict[str, Any]) -> Column:
    kind = dice.choice(
        ("whole", "whole", "real", "real", "time", "label", "label", "code", "long", "affix", "duration", "flag")
    )
    share = dice.choice((0.0, 0.0, 0.1, 0.4))
    make = _MAKERS[kind](dice, dialect)
    missing = dialect["missing"] if kind in ("whole", "real", "time", "affix", "duration") else ""
    values: list[Any] = []
    cells: list[str] = []
    for _ in range(rows):
        value, cell = make() if dice.random() >= share else (None, missing)
        values.append(value)
        cells.append(cell)
    return Column(f"{dice.choice(('x', 'Größe', 'first name', 'Temp, C'))}{place}", kind, values, cells)


def _grouped(digits: str, mark: str) -> str:
    parts = []
    while len(digits) > 3:
        digits, part = digits[:-3], digits[-3:]
        parts.append(part)
    return mark.join([digits, *reversed(parts)])


def _whole(dice: Random, dialect: dict[str, Any]) -> Maker:
    top = 10 ** dice.choice((1, 3, 6, 12, 18))

    def make() -> tuple[int, str]:
        value = dice.randint(-top, top)
        return value, "-" * (value < 0) + _grouped(str(abs(value)), dialect["thousands"])

    return make


def _real(dice: Random, dialect: dict[str, Any]) -> Maker:
    digits, top = dice.choice((1, 2, 3, 6)), 10 ** dice.choice((0, 2, 4))

    def make() -> tuple[float, str]:
        text = f"{dice.uniform(-top, top):.{digits}f}"
        whole, _, fraction = text.lstrip("-").partition(".")
        cell = "-" * text.startswith("-") + _grouped(whole, dialect["thousands"]) + dialect["decimal"] + fraction
        return float(text), cell

    return make


def _time(dice: Random, dialect: dict[str, Any]) -> Maker:
    del dialect
    shape = dice.choice(_SHAPES)

    def make() -> tuple[datetime, str]:
        value = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=dice.randrange(10**15))
        cell = value.strftime(shape)
        return datetime.strptime(cell, shape).replace(tzinfo=UTC), cell

    return make


def _affix(dice: Random, dialect: dict[str, Any]) -> Maker:
    """Numbers with the same text around each."""
    affix = dice.choice(_AFFIXES)
    number = _real(dice, dialect)

    def make() -> tuple[object, str]:
        value, cell = number()
        return value, cell + affix

    return make


def _duration(dice: Random, dialect: dict[str, Any]) -> Maker:
    del dialect

    def make() -> tuple[float, str]:
        seconds = dice.randrange(10**6)
        return float(seconds), f"{seconds // 3_600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    return make


def _flag(dice: Random, dialect: dict[str, Any]) -> Maker:
    del dialect

    def make() -> tuple[str, str]:
        word = dice.choice(("true", "false"))
        return word, word

    return make


def _label(dice: Random, dialect: dict[str, Any]) -> Maker:
    words = _LATIN if dialect["encoding"] == "cp1252" and dice.random() < 0.5 else _WORDS

    def make() -> tuple[str, str]:
        word = dice.choice(words)
        word = word.replace("\n", " ") if dialect["end"] == "\r" else word
        return word, word

    return make


def _code(dice: Random, dialect: dict[str, Any]) -> Maker:
    del dialect

    def make() -> tuple[str, str]:
        word = f"{dice.randrange(10**4):05d}"
        return word, word

    return make


def _long(dice: Random, dialect: dict[str, Any]) -> Maker:
    del dialect

    def make() -> tuple[str, str]:
        word = str(dice.randrange(10**19, 10**21))
        return word, word

    return make


def _written(dice: Random, columns: list[Column], dialect: dict[str, Any]) -> bytes:
    sink = io.StringIO()
    for title in dialect["titles"]:
        sink.write(title + dialect["end"])
    writer = csv.writer(
        sink,
        delimiter=dialect["delimiter"],
        quotechar=dialect["quote"],
        escapechar=dialect["escape"] or None,
        doublequote=not dialect["escape"],
        quoting=dialect["quoting"],
        lineterminator=dialect["end"],
    )
    if dialect["header"]:
        writer.writerow([column.name for column in columns])
        if dialect["units"] and {column.kind for column in columns} & {"whole", "real"}:
            writer.writerow([{"whole": "[m]", "real": "[K]"}.get(column.kind, "") for column in columns])
    for row in zip(*(column.cells for column in columns), strict=True):
        writer.writerow(row)
    text = sink.getvalue()
    return (text if dialect["ends_with_line"] else text.removesuffix(dialect["end"])).encode(
        dialect["encoding"], "replace"
    )


def _packed(data: bytes, packing: str) -> bytes:
    if packing == "gz":
        return gzip.compress(data, 1)
    if packing == "bz2":
        return bz2.compress(data, 1)
    if packing == "zst":
        made: bytes = pa.compress(data, "zstd", asbytes=True)
        return made
    if packing == "zip":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("table.csv", data)
        return sink.getvalue()
    return data


_MAKERS = {
    "whole": _whole,
    "real": _real,
    "time": _time,
    "label": _label,
    "code": _code,
    "long": _long,
    "affix": _affix,
    "duration": _duration,
    "flag": _flag,
}
