"""File formats: import workers announce them, uploads are checked against them.

While none is known, every name is accepted and the worker judges the file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from halftone_servicekit.errors import ErrorCode, HalftoneError

from analytics.models import Format

# First bytes that decide: longer than any magic of a file format.
HEAD_BYTES = 64
# Containers that a text may be packed in, by the last part of an ending.
PACKED = {"gz": b"\x1f\x8b", "zst": b"\x28\xb5\x2f\xfd", "bz2": b"BZh", "zip": b"PK\x03\x04"}
# Files that are neither text nor of a format that anyone announces.
NOT_TEXT = (b"\x7fELF", b"%PDF", b"\x89PNG", b"<!DOCTYPE", b"<html", b"SQLite format 3", b"\x93NUMPY")
BLANK = b"\xef\xbb\xbf \r\n\t"


@dataclass(frozen=True, slots=True)
class KnownFormat:
    """A format: its title, the endings of its files without the first dot, and their first bytes; none for text."""

    title: str
    endings: tuple[str, ...]
    magics: tuple[bytes, ...] = ()


def known_formats() -> tuple[KnownFormat, ...]:
    """The announced formats, by title."""
    return tuple(
        KnownFormat(kept.title, tuple(kept.endings), tuple(map(bytes.fromhex, kept.magics)))
        for kept in Format.objects.all()
    )


def announce(formats: Iterable[KnownFormat]) -> None:
    """Keeps these formats in place of those that were known."""
    with transaction.atomic():
        Format.objects.all().delete()
        Format.objects.bulk_create(
            Format(title=each.title, endings=list(each.endings), magics=[magic.hex() for magic in each.magics])
            for each in formats
        )


def ending_of(name: str, known: Sequence[KnownFormat]) -> str:
    """The longest known ending of a file's name; empty while no format is known. Raises `type_mismatch`."""
    if not known:
        return ""
    endings = {ending for each in known for ending in each.endings}
    # A dot in front belongs to the name: ".csv" has no ending.
    found = [ending for ending in endings if name[1:].lower().endswith(f".{ending}")]
    if not found:
        listed = ", ".join(f".{ending}" for ending in sorted(endings))
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, f"The name of the file ends in none of {listed}.", field="file")
    return max(found, key=len)


def check_head(ending: str, head: bytes, known: Sequence[KnownFormat], *, whole: bool) -> None:
    """Checks the first bytes against the format of an ending; `whole`: no more bytes come before `HEAD_BYTES`.

    A text may begin with anything but the magic of another format. Raises `type_mismatch`.
    """
    named = next((each for each in known if ending in each.endings), None)
    if named is None:
        return
    if named.magics:
        fits = any(head.startswith(magic) or (not whole and magic.startswith(head)) for magic in named.magics)
    else:
        packed = PACKED.get(ending.rpartition(".")[2])
        others = (*NOT_TEXT, *(magic for each in known for magic in each.magics if magic != packed))
        fits = not head.lstrip(BLANK).startswith(others)
    if not fits:
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, f"The file is not {named.title}, as its name says.", field="file")
