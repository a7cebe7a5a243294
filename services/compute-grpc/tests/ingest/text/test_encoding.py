"""Encodings are found from the first bytes, and said."""

from __future__ import annotations

import codecs

import pytest
from halftone_compute.ingest.text.encoding import Encoding, encoding_sentence, found_encoding, named_encoding
from halftone_servicekit.errors import ErrorCode, HalftoneError


@pytest.mark.parametrize(
    ("start", "name", "mark"),
    [
        (b"a,b\n", "utf-8", 0),
        (codecs.BOM_UTF8 + b"a", "utf-8", 3),
        ("é".encode()[:1], "cp1252", 0),
        ("a,é".encode("cp1252"), "cp1252", 0),
        ("é ü ß ".encode() + b"\xff", "utf-8", 0),
        (b"", "utf-8", 0),
        (b"\0\0\0\0", "utf-8", 0),
        *((("x,y\n" + "1,2\n").encode(name), name, 0) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
        *(("\ufeffé".encode(name), name, len("\ufeff".encode(name))) for name in ("utf-16-le", "utf-32-be")),
        ("ab".encode("utf-16-le") * 9 + b"\x00\xd8", "cp1252", 0),
    ],
)
def test_found(start: bytes, name: str, mark: int) -> None:
    assert found_encoding(start, is_whole=True) == Encoding(name, mark)


def test_a_letter_that_is_cut() -> None:
    assert found_encoding("é".encode()[:1]) == Encoding("utf-8")


@pytest.mark.parametrize(
    ("name", "start", "found"),
    [
        ("cp1251", b"\xe0", Encoding("cp1251")),
        ("latin-1", b"a", Encoding("iso8859-1")),
        ("utf-8", codecs.BOM_UTF8, Encoding("utf-8", 3)),
        ("utf-8-sig", b"a", Encoding("utf-8")),
        ("UTF-16", "\ufeffa".encode("utf-16-be"), Encoding("utf-16-be", 2)),
        ("utf-16", b"ab", Encoding("utf-16-le")),
        ("utf-8", b"a\xff", Encoding("utf-8")),
    ],
)
def test_named(name: str, start: bytes, found: Encoding) -> None:
    assert named_encoding(name, start) == found


@pytest.mark.parametrize("name", ["", "klingon", "base64", "punycode", "rot13"])
def test_no_encoding_of_files(name: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        named_encoding(name, b"a")
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, "reading.dialect.encoding")


@pytest.mark.parametrize(
    ("name", "words"), [("utf-16-le", "read as UTF-16"), ("cp1252", "Windows-1252"), ("cp1251", "cp1251")]
)
def test_said(name: str, words: str) -> None:
    assert words in encoding_sentence(name)


def test_nothing_is_said_of_utf8() -> None:
    assert encoding_sentence("utf-8") == ""
