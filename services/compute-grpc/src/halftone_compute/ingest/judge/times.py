"""Times as text: which way of writing dates fits, and the microseconds that they are.

A form is judged by its shape, a month from 1 to 12 and a day from 1 to 31 included; a date that has the shape and is in
no calendar (2023-02-29) is unreadable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.columns import compute as pc

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

_Y4, _Y2 = r"(?P<y>\d{4})", r"(?P<y>\d{2})"
_MO, _D = r"(?P<mo>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
_NAME = r"(?P<mo>[A-Za-z]{3,9})\.?"
_WEEKDAY = r"(?:[A-Za-z]{3,9},? +)?"
_CLOCK = (
    r"(?:(?:[Tt]|,? +)(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d+))?)?(?: ?(?P<ap>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<z>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
# Two-digit years from here on are of the 20th century, as POSIX has it.
_PIVOT = 69
_DAY_US = 86_400_000_000
_YEAR_1 = -62_135_596_800_000_000


@dataclass(frozen=True)
class TimeForm:
    """One way to write dates, with or without a time of day. `name` is its pattern in the letters of strptime."""

    name: str
    date: str
    clock: str = _CLOCK

    @cached_property
    def pattern(self) -> str:
        """An anchored regular expression of RE2, with the fields as groups."""
        return f"^{_WEEKDAY if self.is_named else ''}{self.date}{self.clock}$"

    @property
    def is_named(self) -> bool:
        return "%b" in self.name

    @property
    def is_short(self) -> bool:
        return "%y" in self.name


def _numeric() -> list[TimeForm]:
    forms = []
    for mark in "-/.":
        dot = re.escape(mark)
        forms.append(TimeForm(f"%Y{mark}%m{mark}%d", f"{_Y4}{dot}{_MO}{dot}{_D}"))
        for year, name in ((_Y4, "%Y"), (_Y2, "%y")):
            forms.append(TimeForm(f"%d{mark}%m{mark}{name}", f"{_D}{dot}{_MO}{dot}{year}"))
            if mark != ".":
                forms.append(TimeForm(f"%m{mark}%d{mark}{name}", f"{_MO}{dot}{_D}{dot}{year}"))
        forms.append(TimeForm(f"%y{mark}%m{mark}%d", f"{_Y2}{dot}{_MO}{dot}{_D}"))
    return forms


ISO = "iso"
_ISO_FORM = TimeForm("%Y-%m-%d", f"{_Y4}-{_MO}-{_D}")
_PADDED = r"(?P<y>\d{4})(?P<mo>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
_BASIC_CLOCK = r"T(?P<h>\d{2})(?P<mi>\d{2})(?:(?P<s>\d{2})(?:[.,](?P<f>\d+))?)?(?P<z>Z|[+-]\d{2}(?::?\d{2})?)?"
FORMS: tuple[TimeForm, ...] = (
    *_numeric(),
    *(
        form
        for year, name in ((_Y4, "%Y"), (_Y2, "%y"))
        for form in (
            TimeForm(f"%d %b {name}", rf"{_D}[ -]{_NAME}[ ,-]+{year}"),
            TimeForm(f"%b %d, {name}", rf"{_NAME}[ -]{_D},?[ -]+{year}"),
        )
    ),
    TimeForm("%Y-%b-%d", rf"{_Y4}[ -]{_NAME}[ -]{_D}"),
    TimeForm("%Y%m%dT%H%M%S", _PADDED, _BASIC_CLOCK),
)
# 20250210: a number, which may be meant as a day. 2025-02: text, which may be meant as its first day.
COMPACT = TimeForm("%Y%m%d", _PADDED, "")
MONTH = TimeForm("%Y-%m", f"{_Y4}-{_MO}", "")
_BY_NAME = {form.name: form for form in (*FORMS, COMPACT, MONTH)}


def form_named(text: str) -> TimeForm | None:
    """The form of a pattern, whatever time of day follows the date in it; None for one that is not known."""
    if text == ISO:
        return _ISO_FORM
    date = re.split(r"[T ,]+%[HI]", text.replace("%B", "%b"))[0].strip()
    named = {date, date.replace("-%b-", " %b "), re.sub(r"^%b %d %", "%b %d, %", date)}
    return _BY_NAME.get(text) or next((_BY_NAME[name] for name in named if name in _BY_NAME), None)


def name_of(form: TimeForm) -> str:
    """The format of a reading."""
    return ISO if form.name == _ISO_FORM.name else form.name


def has_shape(cells: Cells, form: TimeForm) -> np.ndarray:
    """Which cells are written so: bool of shape (rows,)."""
    matched = pc.fill_null(pc.match_substring_regex(cells, _unnamed(form.pattern)), False)
    fits: np.ndarray = matched.to_numpy(zero_copy_only=False)
    if form.is_named and fits.any():
        fits = fits & (_months_named(_extracted(cells, form)["mo"]) > 0)
    return fits


def fast_iso(cells: Cells) -> Cells | None:
    """Timestamps of cells that are all ISO 8601 with up to six digits of a second; None: look closer."""
    for dtype in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            made = pc.cast(cells, dtype).cast(pa.timestamp("us"))
        except pa.ArrowInvalid:
            continue
        # Arrow takes the year 0000.
        least = pc.min(made.cast(pa.int64())).as_py()
        return made if least is None or least >= _YEAR_1 else None
    return None


def parsed_times(cells: Cells, form: TimeForm) -> Cells:
    """Timestamps in microseconds UTC, rounded down; null where a cell has another form or is in no calendar."""
    fields = _extracted(cells, form)
    fits = has_shape(cells, form)
    year = _integers(fields["y"])
    if form.is_short:
        year = np.where(year >= _PIVOT, 1900 + year, 2000 + year)
    month = _months_named(fields["mo"]) if form.is_named else _integers(fields["mo"], 1)
    day = _integers(fields["d"], 1)
    months = ((year - 1970) * 12 + np.maximum(month, 1) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    fits &= (days.astype("datetime64[M]") == months) & (year >= 1)
    micros, is_clock = _time_of_day(fields)
    values = days.astype(np.int64) * _DAY_US + micros
    return pa.array(values, mask=~(fits & is_clock)).cast(pa.timestamp("us"))


def _time_of_day(fields: dict[str, Cells]) -> tuple[np.ndarray, np.ndarray]:
    """Microseconds to add to the day, the offset included, and where there is such a time."""
    hour, minute, second = (_integers(fields[key]) for key in ("h", "mi", "s"))
    half = pc.utf8_lower(fields["ap"]).to_numpy(zero_copy_only=False)
    is_half = half != ""
    ends_day = (hour == 24) & (minute == 0) & (second == 0)
    valid = np.where(is_half, (hour >= 1) & (hour <= 12), (hour <= 23) | ends_day) & (minute <= 59) & (second <= 59)
    hour = np.where(is_half, hour % 12 + np.where(half == "p", 12, 0), hour)
    fraction = _integers(pc.utf8_rpad(pc.utf8_slice_codeunits(fields["f"], 0, 6), 6, "0"))
    offset = _offset_minutes(fields["z"])
    return ((hour * 60 + minute - offset) * 60 + second) * 1_000_000 + fraction, valid & (np.abs(offset) < 24 * 60)


def _offset_minutes(zones: Cells) -> np.ndarray:
    encoded = zones.dictionary_encode()
    minutes = [_minutes(zone) for zone in encoded.dictionary.to_pylist()]
    return np.array(minutes, np.int64)[encoded.indices.to_numpy()] if minutes else np.zeros(len(zones), np.int64)


def _minutes(zone: str) -> int:
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)


def _extracted(cells: Cells, form: TimeForm) -> dict[str, Cells]:
    """The fields of each cell as text, empty where there are none."""
    found = pc.extract_regex(cells, form.pattern)
    fields = {name: pc.fill_null(pc.struct_field(found, [name]), "") for name in _names(form.pattern)}
    blank = pa.array([""] * len(cells), pa.string())
    return {key: fields.get(key, blank) for key in ("y", "mo", "d", "h", "mi", "s", "f", "ap", "z")}


def _names(pattern: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\?P<(\w+)>", pattern)))


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


def _integers(text: Cells, empty: int = 0) -> np.ndarray:
    digits = pc.if_else(pc.equal(text, ""), pa.scalar(str(empty)), text)
    # Arrow takes leading zeros here for what they are.
    values: np.ndarray = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    return values


def _months_named(names: Cells) -> np.ndarray:
    encoded = pc.utf8_lower(names).dictionary_encode()
    numbers = [_month(name) for name in encoded.dictionary.to_pylist()]
    return np.array(numbers, np.int64)[encoded.indices.to_numpy()] if numbers else np.zeros(len(names), np.int64)


def _month(name: str) -> int:
    """1 to 12; 0 for a word that names no month."""
    if name in _FULL:
        return _FULL.index(name) + 1
    return 9 if name == "sept" else _MONTHS.index(name) + 1 if name in _MONTHS else 0
