"""The bytes of a text file are unpacked, decoded and checked before the parser sees them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from halftone_compute.ingest.limits import LINE_BYTES, Budget
from halftone_compute.ingest.text.bytes import NotUtf8Error, TextBytes, line_ends
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def _read(folder: Path, data: bytes, step: int = 1 << 16) -> bytes:
    (folder / "source").write_bytes(data)
    text = TextBytes(folder / "source", Budget(len(data), 1 << 40))
    try:
        return b"".join(iter(lambda: text.read(step), b""))
    finally:
        text.close()


def _error(folder: Path, data: bytes) -> HalftoneError:
    with pytest.raises(HalftoneError) as caught:
        _read(folder, data)
    return caught.value


@pytest.mark.parametrize("step", [1, 3, 1 << 21])
def test_the_byte_order_mark_is_dropped_once(tmp_path: Path, step: int) -> None:
    assert _read(tmp_path, b"\xef\xbb\xbfa,b\n\xef\xbb\xbf", step) == b"a,b\n\xef\xbb\xbf"


def test_characters_cut_between_reads_are_whole(tmp_path: Path) -> None:
    data = ("é" * 1000 + "\n").encode() * 2000
    assert _read(tmp_path, b"x" + data) == b"x" + data


def test_one_letter_of_another_encoding_in_text_that_is_utf8(tmp_path: Path) -> None:
    error = _error(tmp_path, "é\nü\nß\n".encode() + b"x\xff\n")
    assert (error.code, error.detail) == (ErrorCode.BAD_ENCODING, "Line 4 is not valid UTF-8.")


def test_other_letters_after_a_start_of_ascii(tmp_path: Path) -> None:
    with pytest.raises(NotUtf8Error):
        _read(tmp_path, b"a\n" * 1_000_000 + b"\xe9\n")
    late = b"a\n" * 1_000_000 + "é\n".encode()
    assert _read(tmp_path, late) == late
    error = _error(tmp_path, late + b"\xe9\n")
    assert (error.code, error.detail) == (ErrorCode.BAD_ENCODING, "Line 1000002 is not valid UTF-8.")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("step", [7, 1 << 21])
def test_every_encoding_becomes_utf8(tmp_path: Path, encoding: str, mark: str, step: int) -> None:
    text = "Größe,b\n1,2\n" * 100_000
    mark = "" if encoding == "cp1252" else mark
    assert _read(tmp_path, (mark + text[:2_600]).encode(encoding), step) == text[:2_600].encode()
    assert _read(tmp_path, (mark + text).encode(encoding)) == text.encode()


def test_bytes_that_windows_leaves_open_are_controls_as_in_browsers(tmp_path: Path) -> None:
    assert _read(tmp_path, b"\x80\x81\xe9") == "€\x81é".encode()


def test_a_damaged_letter_of_utf16_has_its_line(tmp_path: Path) -> None:
    error = _error(tmp_path, "\ufeffa\nb\n".encode("utf-16-be") + b"\xdc\x00\x00\n")
    assert (error.code, error.detail) == (ErrorCode.BAD_ENCODING, "Line 3 is not valid UTF-16.")


def test_a_named_encoding(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"\xe0\n")
    with closing(TextBytes(tmp_path / "source", Budget(1, 1 << 40), "cp1251")) as text:
        assert (text.read(10), text.encoding) == ("а\n".encode(), "cp1251")  # noqa: RUF001 - a Cyrillic letter


def test_lines_of_old_macintosh_computers(tmp_path: Path) -> None:
    assert _read(tmp_path, b"a,b\r1,2\r") == b"a,b\n1,2\n"
    assert _read(tmp_path, b"a,b\r\n1,2\r") == b"a,b\r\n1,2\r"


def test_nul_characters(tmp_path: Path) -> None:
    error = _error(tmp_path, b"a\nb\n\0\n")
    assert (error.code, error.detail[:6]) == (ErrorCode.BAD_ENCODING, "Line 3")


@pytest.mark.parametrize("data", [b"PAR1...", b"\x7fELF", b"SQLite format 3\0", b"\x93NUMPY", b"\n <!DOCTYPE html>"])
def test_other_formats(tmp_path: Path, data: bytes) -> None:
    assert _error(tmp_path, data).code == ErrorCode.TYPE_MISMATCH


def test_a_line_of_1_mib_and_one_byte_more(tmp_path: Path) -> None:
    line = b"x" * LINE_BYTES
    assert _read(tmp_path, b"a\n" + line + b"\n" + line) == b"a\n" + line + b"\n" + line
    error = _error(tmp_path, b"a\nb\n" + line + b"x\n")
    assert (error.code, error.detail[:6]) == (ErrorCode.LINE_TOO_LONG, "Line 3")


def test_bytes_given_back_come_again(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"abcdef")
    text = TextBytes(tmp_path / "source", Budget(6, 1 << 40))
    assert text.read(4) == b"abcd"
    text.give_back(b"cd")
    assert text.read(10) == b"cdef"
    assert text.file_bytes == 6
    text.close()
    assert text.closed


@pytest.mark.parametrize(("text", "count"), [(b"", 0), (b"\n", 1), (b"a\r\nb\n\nc", 3)])
def test_line_ends(text: bytes, count: int) -> None:
    assert line_ends(text) == count
