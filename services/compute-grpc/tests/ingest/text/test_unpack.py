"""Packed files of every kind are unpacked; damaged ones and bombs have a name."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.text.unpack import UnpackedFile
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TEXT = "a,é\n1,2\n".encode() * 100_000


def _zip(data: bytes, names: tuple[str, ...] = ("folder/", "folder/table.csv", "__MACOSX/._table.csv")) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"" if name.endswith("/") else data)
    return sink.getvalue()


def _zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


_PACKED = pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, _zstd, _zip])


def _read(folder: Path, data: bytes) -> bytes:
    (folder / "source").write_bytes(data)
    with closing(UnpackedFile(folder / "source", Budget(len(data), 1 << 40))) as file:
        return b"".join(iter(lambda: file.read(1 << 20), b""))


def _error(folder: Path, data: bytes) -> HalftoneError:
    with pytest.raises(HalftoneError) as caught:
        _read(folder, data)
    return caught.value


@_PACKED
def test_unpacked(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    assert _read(tmp_path, packed(_TEXT)) == _TEXT


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, _zstd])
def test_parts_that_follow_each_other(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    assert _read(tmp_path, packed(_TEXT[:80]) + packed(_TEXT[80:])) == _TEXT


@_PACKED
def test_damaged(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    data = packed(bytes(range(1, 128)) * 10_000)
    error = _error(tmp_path, data[: len(data) // 2])
    assert (error.code, error.detail) == (ErrorCode.TYPE_MISMATCH, "The compressed file is damaged.")


def test_an_archive_of_several_files(tmp_path: Path) -> None:
    assert "2 files" in _error(tmp_path, _zip(b"a\n1\n", ("a.csv", "b.csv"))).detail


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    data = bytearray(_zip(b"a\n1\n", ("a.csv",)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in _error(tmp_path, bytes(data)).detail


def _bz2_of_parts(data: bytes) -> bytes:
    """Its compressor takes seconds for what the others do in no time; a file may have parts."""
    part = len(data) // 40
    return bz2.compress(data[:part]) * 40


@pytest.mark.parametrize("packed", [gzip.compress, _bz2_of_parts, _zstd, _zip])
def test_a_bomb_is_stopped_at_a_hundredfold(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    assert _error(tmp_path, packed(b"0\n" * (40 << 20))).code == ErrorCode.TOO_LARGE_UNCOMPRESSED
