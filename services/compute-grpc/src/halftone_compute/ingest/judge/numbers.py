"""Numbers as text: signs, groups of digits, decimal marks. A number keeps every digit or is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.columns import compute as pc
from halftone_compute.ingest.judge.affixes import without_affix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.ingest.columns import Cells


_SPACES = "\u00a0\u2009\u202f "
_QUOTES = "'\u2019"
_MINUS = "\u2212"
_SIGN = f"[+\\-{_MINUS}]?"
_WORDS = r"(?:[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|∞)"
# Digits that every float64 keeps apart: two numbers of 17 digits may be one float64, but no float64 needs more.
_DIGITS = 17
_EXACT = 2.0**53


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written: the decimal mark, and the marks that may stand between groups of three digits."""

    decimal: str = "."
    thousands: str = ""

    @property
    def pattern(self) -> str:
        """An anchored regular expression of RE2."""
        decimal = re.escape(self.decimal)
        plain = rf"(?:\d+(?:{decimal}\d*)?|{decimal}\d+)(?:[eE]{_SIGN}\d+)?"
        bodies = [plain, _WORDS]
        spaced = ""
        for mark in self.thousands:
            group = f"[{_SPACES}]" if mark == " " else f"[{_QUOTES}]" if mark == "'" else re.escape(mark)
            body = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+(?:{decimal}\d*)?"
            if mark == " ":
                # With a plus it is a telephone.
                spaced = rf"|[-{_MINUS}]?{body}"
            else:
                bodies.append(body)
        return rf"^(?:{_SIGN}(?:{'|'.join(bodies)}){spaced})$"


@dataclass(frozen=True, slots=True)
class Parsed:
    """Numbers of text without missing cells: `values` of the type that was asked for, null where a cell is none.

    `is_number` says of each cell whether it has the form of a number, also when a digit would be lost.
    """

    values: Cells
    is_number: np.ndarray


def parsed(cells: Cells, style: NumberStyle, affix: str, dtype: pa.DataType) -> Parsed:
    """Reads trimmed `cells`; null ones stay null. With int64, whole numbers are read alone."""
    bare = without_affix(cells, affix)
    is_number = pc.fill_null(pc.match_substring_regex(bare, style.pattern), False)
    text = _normal(pc.if_else(is_number, bare, pa.scalar(None, pa.string())), style)
    return Parsed(_exact(text, dtype), is_number.to_numpy(zero_copy_only=False))


def fast(cells: Cells, dtype: pa.DataType) -> Cells | None:
    """The values of `cells` when all are plain numbers, and none could lose a digit; None: look closer."""
    try:
        values = pc.cast(cells, dtype)
    except pa.ArrowInvalid:
        return None
    return None if _is_doubtful(cells, values) else values


def group_marks(cells: Cells, decimal: str) -> str:
    """The marks that stand between groups of digits in `cells`, which have nothing around their numbers."""
    plain = NumberStyle(decimal)
    found = ""
    for mark in (",", ".", "'", " "):
        if mark != decimal and _has(cells, NumberStyle(decimal, mark).pattern, plain.pattern):
            found += mark
    return found


def _has(cells: Cells, pattern: str, unless: str) -> bool:
    fits = pc.and_not(pc.match_substring_regex(cells, pattern), pc.match_substring_regex(cells, unless))
    return bool(pc.any(pc.fill_null(fits, False)).as_py())


def _normal(text: Cells, style: NumberStyle) -> Cells:
    """Digits, one dot, one sign, as Arrow reads them."""
    for mark in style.thousands:
        marks = _SPACES if mark == " " else _QUOTES if mark == "'" else re.escape(mark)
        text = pc.replace_substring_regex(text, f"[{marks}]", "")
    if style.decimal != ".":
        text = pc.replace_substring(text, style.decimal, ".")
    text = pc.replace_substring(text, _MINUS, "-")
    return pc.replace_substring(pc.replace_substring_regex(text, r"^\+", ""), "∞", "inf")


def _exact(text: Cells, dtype: pa.DataType) -> Cells:
    """The values of plain numbers, null where one would not be the same number."""
    coded = pc.match_substring_regex(text, r"^-?0\d")
    text = pc.if_else(pc.fill_null(coded, False), pa.scalar(None, pa.string()), text)
    whole = pc.fill_null(pc.match_substring_regex(text, r"^-?\d+$"), False)
    if pa.types.is_integer(dtype):
        return _integers(pc.if_else(whole, text, pa.scalar(None, pa.string())))
    values = pc.cast(text, pa.float64())
    lost = _lost(text, values, whole)
    return pc.if_else(pa.array(lost), pa.scalar(None, pa.float64()), values) if lost.any() else values


def _integers(text: Cells) -> Cells:
    try:
        return pc.cast(text, pa.int64())
    except pa.ArrowInvalid:
        # Some are too great.
        long = pc.fill_null(pc.greater(pc.binary_length(text), 18), False).to_numpy(zero_copy_only=False)
        fits = [cell is None or -(2**63) <= int(cell) < 2**63 for cell in text.filter(pa.array(long)).to_pylist()]
        keep = np.ones(len(text), bool)
        keep[long] = fits
        return pc.cast(pc.if_else(pa.array(keep), text, pa.scalar(None, pa.string())), pa.int64())


def _lost(text: Cells, values: Cells, whole: Cells) -> np.ndarray:
    """Where a float64 is another number than its text: bool of shape (rows,)."""
    numbers = values.fill_null(1.0).to_numpy(zero_copy_only=False)
    lost = np.zeros(len(numbers), bool)
    for row in np.flatnonzero(_suspects(text, numbers, whole.to_numpy(zero_copy_only=False))).tolist():
        lost[row] = _is_lost(text[row].as_py(), float(numbers[row]))
    return lost


def _suspects(text: Cells, numbers: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Where it takes a look at one cell after the other; bool of shape (rows,)."""
    lengths: np.ndarray = pc.fill_null(pc.binary_length(text), 0).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        suspects: np.ndarray = np.isinf(numbers) | (whole & (np.abs(numbers) >= _EXACT))
    for doubtful, most in _doubts(text, numbers, lengths):
        suspects[np.flatnonzero(doubtful)[digits(text.filter(pa.array(doubtful))) > most]] = True
    return suspects


def _doubts(text: Cells, numbers: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Cells that may not be their number, shape (rows,), if there are any; they are when they have at most so many
    digits.
    """
    zero = (numbers == 0) & (lengths > 3)
    if zero.any():
        yield zero, 0
    long = lengths > _DIGITS
    if long.any():
        # Zeros before and after are digits here.
        long &= _digits(text) > _DIGITS
        if long.any():
            yield long, _DIGITS


def _is_lost(text: str, value: float) -> bool:
    lowered = text.lower()
    if "inf" in lowered:
        return False
    mantissa = lowered.partition("e")[0]
    digits = mantissa.replace(".", "").lstrip("-0").rstrip("0")
    if np.isinf(value) or (value == 0 and digits):
        return True
    if lowered.lstrip("-").isdigit():
        return int(lowered) != int(value)
    return len(digits) > _DIGITS


def digits(text: Cells) -> np.ndarray:
    """How many digits each plain number has, without zeros before and after them: int64 of shape (rows,)."""
    if _holds(text, b"eE"):
        text = pc.replace_substring_regex(text, "[eE].*$", "")
    return _digits(pc.ascii_rtrim(pc.ascii_ltrim(text, "+-0."), "0."))


def _digits(text: Cells) -> np.ndarray:
    letters, starts, lengths = _letters(text)
    counts = np.zeros(len(letters) + 1, np.int32)
    np.cumsum((letters >= ord("0")) & (letters <= ord("9")), out=counts[1:], dtype=np.int32)
    found: np.ndarray = counts[starts + lengths] - counts[starts]
    return found


def _is_doubtful(cells: Cells, values: Cells) -> bool:
    """Whether a plain cast may have changed a value: leading zeros, other bases, too many digits, beyond float64."""
    letters, starts, lengths = _letters(cells)
    if letters.size == 0 or len(cells) == 0:
        return False
    if _is_padded(letters, starts, lengths):
        return True
    return not pa.types.is_integer(values.type) and _may_be_lost(cells, values, lengths)


def _is_padded(letters: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> bool:
    """Whether a number begins with a zero that another digit, or the letter of another base, follows."""
    first = letters[np.minimum(starts, len(letters) - 1)]
    zero = starts[(first == ord("0")) & (lengths > 1)]
    minus = starts[(first == ord("-")) & (lengths > 2)] + 1
    places = np.concatenate([zero, minus[letters[minus] == ord("0")]])
    return bool(len(places)) and not np.isin(letters[places + 1], np.frombuffer(b".eE", np.uint8)).all()


def _may_be_lost(cells: Cells, values: Cells, lengths: np.ndarray) -> bool:
    numbers = values.fill_null(1.0).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        if bool((np.isinf(numbers) | (np.abs(numbers) >= _EXACT)).any()):
            return True
    doubts = _doubts(cells, numbers, lengths)
    return any(bool((digits(cells.filter(pa.array(doubtful))) > most).any()) for doubtful, most in doubts)


def _letters(cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bytes of text, and where each cell starts in them and how long it is; nothing for no bytes."""
    _, offsets, data = cells.buffers()
    letters = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[cells.offset : cells.offset + len(cells) + 1].astype(np.int64)
    return letters, bounds[:-1], np.diff(bounds)


def _holds(cells: Cells, any_of: bytes) -> bool:
    letters, starts, lengths = _letters(cells)
    used = letters[starts[0] : starts[-1] + lengths[-1]] if len(starts) else letters
    return any(bool((used == letter).any()) for letter in any_of)
