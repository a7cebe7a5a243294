"""The bytes of a CSV file are checked before the parser sees them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from halftone_compute.ingest.limits import LINE_BYTES, Budget
from halftone_compute.ingest.text import TextBytes
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


def test_gzip_and_zstandard_are_unpacked(tmp_path: Path) -> None:
    data = "a,é\n1,2\n".encode() * 100_000
    assert _read(tmp_path, gzip.compress(data)) == data
    assert _read(tmp_path, gzip.compress(data[:80]) + gzip.compress(data[80:])) == data
    assert _read(tmp_path, pa.Codec("zstd").compress(data, asbytes=True)) == data


def test_a_damaged_archive(tmp_path: Path) -> None:
    packed = gzip.compress(bytes(range(1, 128)) * 10_000)
    assert _error(tmp_path, packed[: len(packed) // 2]).code == ErrorCode.TYPE_MISMATCH


def test_an_archive_is_stopped_at_a_hundredfold(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0\n" * (64 << 20))
    error = _error(tmp_path, bomb)
    assert error.code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_characters_cut_between_reads_are_whole(tmp_path: Path) -> None:
    data = ("é" * 1000 + "\n").encode() * 2000
    assert _read(tmp_path, b"x" + data) == b"x" + data


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"a\nb\xff\n", "Line 2 "), (b"a\n" * 1_000_000 + b"\xe9\n", "Line 1000001 "), (b"a\nb\nc\xc3", "Line 3 ")],
)
def test_text_that_is_not_utf8(tmp_path: Path, data: bytes, line: str) -> None:
    error = _error(tmp_path, data)
    assert error.code == ErrorCode.BAD_ENCODING
    assert error.detail.startswith(line)


def test_nul_characters(tmp_path: Path) -> None:
    error = _error(tmp_path, b"a\nb\n\0\n")
    assert (error.code, error.detail[:6]) == (ErrorCode.BAD_ENCODING, "Line 3")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16(tmp_path: Path, encoding: str) -> None:
    assert _error(tmp_path, "\ufeffa,b\n".encode(encoding)).code == ErrorCode.BAD_ENCODING


@pytest.mark.parametrize(
    "data", [b"PAR1...", b"PK\x03\x04..", b"\x7fELF", b"SQLite format 3\0", b"\x93NUMPY", b"\n <!DOCTYPE html>"]
)
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
