"""The cells of a sheet as text, from which their values can be had again without a change."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

# A cell as python-calamine gives it: empty text for an empty cell, and for an error such as #N/A.
Cell: TypeAlias = "int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta"
# Whole numbers below it have a float64 each: Excel keeps all numbers as float64.
_EXACT = 2.0**53


def text_of(cell: Cell) -> str:
    """Text of the cell as the judge of columns reads it: shortest digits, ISO 8601, hours:minutes:seconds."""
    kind = type(cell)
    if kind is str:
        return str(cell)
    made = _TEXTS.get(kind)
    if made is None:
        raise TypeError(f"a sheet has no cells of {kind}")
    return made(cell)


def _number(value: float) -> str:
    return str(int(value)) if abs(value) < _EXACT and value == int(value) else repr(value)


def _duration(value: dt.timedelta) -> str:
    micros = value // dt.timedelta(microseconds=1)
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    seconds, micros = divmod(micros, 1_000_000)
    fraction = f".{micros:06d}" if micros else ""
    return f"{sign}{seconds // 3_600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


_TEXTS: dict[type, Callable[..., str]] = {
    float: _number,
    int: str,
    bool: lambda value: "true" if value else "false",
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: _duration,
}
