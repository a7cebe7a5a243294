"""The encoding of a text file, found from its first bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from halftone_servicekit.errors import ErrorCode, HalftoneError

UTF8 = "utf-8"
WESTERN = "cp1252"
# The mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF8: UTF8,
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Where the zero bytes of the letters of most texts lie: (bytes of a unit, places in it that are zero).
_ZEROS = {"utf-32-le": (4, (2, 3)), "utf-32-be": (4, (0, 1)), "utf-16-le": (2, (1,)), "utf-16-be": (2, (0,))}
_MOSTLY = 0.7
_TITLES = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}
# Names that ask for the mark of a file, and codecs that no file is written in.
_MARKED = {"utf-8-sig": UTF8, "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_NO_FILES = (
    "idna",
    "punycode",
    "raw-unicode-escape",
    "raw_unicode_escape",
    "undefined",
    "unicode_escape",
    "unicode-escape",
)
_OTHER_FORMATS = (b"PAR1", b"\x7fELF", b"SQLite format 3", b"\x93NUMPY", b"ARROW1", b"%PDF", b"\x89PNG", b"\x89HDF")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec of Python by its name, and how many bytes of its mark the file begins with."""

    name: str
    mark: int = 0


def found_encoding(start: bytes, *, is_whole: bool = False) -> Encoding:
    """By the byte order mark; else by where zero bytes lie; else UTF-8 where `start` is that, or was before some bytes
    were damaged; else Windows-1252, of which every byte is a letter.
    """
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return Encoding(name, len(mark))
    for name, (unit, places) in _ZEROS.items():
        if len(start) >= unit and _has_zeros(start, name, unit, places):
            return Encoding(name)
    return Encoding(UTF8 if is_utf8(start, is_whole=is_whole) or _is_damaged_utf8(start) else WESTERN)


def named_encoding(name: str, start: bytes) -> Encoding:
    """The encoding that a person named. Raises HalftoneError `param_invalid` for one that does not exist."""
    try:
        "".encode(name)
        canonical = codecs.lookup(name).name
    except LookupError:
        canonical = ""
    if not canonical or canonical in _NO_FILES:
        raise HalftoneError(
            ErrorCode.PARAM_INVALID, f"There is no encoding {name!r}.", field="reading.dialect.encoding"
        )
    found = found_encoding(start)
    if found.name == canonical or (canonical in _MARKED and found.name.startswith(_MARKED[canonical][:6])):
        return found
    return Encoding(_MARKED.get(canonical, canonical))


def encoding_sentence(name: str) -> str:
    """What a person is to know about it; empty for UTF-8."""
    if name == UTF8:
        return ""
    if name.startswith("utf-"):
        return f"The file is read as UTF-{name[4:6]}."
    return f"The file is not UTF-8: it is read as {_TITLES.get(name, name)}. Look at the letters that are not English."


def is_utf8(text: bytes, *, is_whole: bool) -> bool:
    """Whether `text` is UTF-8, unless it is whole up to a letter that is cut at its end."""
    try:
        codecs.getincrementaldecoder(UTF8)().decode(text, is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged_utf8(text: bytes) -> bool:
    """Letters of other encodings almost never look like the two to four bytes of a letter in UTF-8."""
    letters = text.decode(UTF8, "replace")
    damages = letters.count("\ufffd") - text.count("\ufffd".encode())
    return sum(not letter.isascii() for letter in letters) > 2 * damages


def check_is_text(start: bytes) -> None:
    """Raises HalftoneError `type_mismatch` for the first bytes of files of other formats."""
    if start.startswith(_OTHER_FORMATS):
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is not a text file.")
    if start.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is a web page, not a table.")


def _has_zeros(start: bytes, name: str, unit: int, places: tuple[int, ...]) -> bool:
    letters = len(start) // unit
    if any(start[place : letters * unit : unit].count(0) < _MOSTLY * letters for place in places):
        return False
    try:
        return "\0" not in start[: letters * unit].decode(name)
    except UnicodeDecodeError:
        return False
