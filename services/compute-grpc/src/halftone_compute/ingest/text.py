"""The bytes of a text file, unpacked and checked before the parser gets them."""

from __future__ import annotations

import codecs
import zlib
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.limits import LINE_BYTES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from halftone_compute.ingest.limits import Budget

_COMPRESSIONS: dict[bytes, Literal["gzip", "zstd"]] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_OTHER_FORMATS = (b"PAR1", b"PK\x03\x04", b"\x7fELF", b"SQLite format 3", b"\x93NUMPY", b"ARROW1", b"%PDF", b"\x89PNG")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# A line within one step is never too long, so only lines that span steps are measured.
_STEP = LINE_BYTES


class TextBytes:
    """Reads a file as UTF-8 text without its byte order mark; gzip and Zstandard are unpacked.

    Raises HalftoneError `type_mismatch`, `bad_encoding`, `line_too_long` or `too_large_uncompressed`.
    """

    def __init__(self, path: Path, budget: Budget) -> None:
        self._file = path.open("rb")
        self._budget = budget
        start = self._file.read(4)
        self._file.seek(0)
        compression = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)
        self._packed = compression is not None
        self._bytes: BinaryIO | pa.CompressedInputStream = self._file
        if compression is not None:
            self._bytes = pa.CompressedInputStream(pa.PythonFile(self._file, mode="r"), compression)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._line = 1
        self._line_bytes = 0
        self._total = 0
        self._held = b""
        # The last byte that is not a line end.
        self.tail = b""

    @property
    def file_bytes(self) -> int:
        """Bytes of the file that were read so far, before unpacking."""
        return self._file.tell()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def read(self, size: int) -> bytes:
        """At most `size` bytes, fewer only at the end."""
        parts = [self._held]
        count = len(self._held)
        while count < size and (chunk := self._unpacked()):
            parts.append(self._checked(chunk))
            count += len(parts[-1])
        if count < size:
            self._decode(b"", final=True)
        data = b"".join(parts)
        self._held = data[size:]
        return data[:size]

    def give_back(self, data: bytes) -> None:
        """The next read starts with `data`."""
        self._held = data + self._held

    def close(self) -> None:
        self._file.close()

    def _unpacked(self) -> bytes:
        try:
            chunk = bytes(self._bytes.read(_STEP) or b"")
        except (OSError, pa.ArrowException, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The compressed file is damaged.") from error
        if self._packed:
            self._budget.check(self._total + len(chunk))
        return chunk

    def _checked(self, chunk: bytes) -> bytes:
        if self._total == 0:
            _check_start(chunk)
        if b"\0" in chunk:
            raise HalftoneError(ErrorCode.BAD_ENCODING, f"Line {self._line_of(chunk, 0)} holds a NUL character.")
        self._check_lines(chunk)
        self._decode(chunk, final=False)
        without_mark = chunk.removeprefix(codecs.BOM_UTF8) if self._total == 0 else chunk
        self._total += len(chunk)
        self._line += chunk.count(b"\n")
        self.tail = chunk.rstrip(b"\r\n")[-1:] or self.tail
        return without_mark

    def _check_lines(self, chunk: bytes) -> None:
        first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        if self._line_bytes + (len(chunk) if first < 0 else first) > LINE_BYTES:
            raise HalftoneError(ErrorCode.LINE_TOO_LONG, f"Line {self._line} is longer than 1 MiB.")
        self._line_bytes = self._line_bytes + len(chunk) if last < 0 else len(chunk) - last - 1

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            line = self._line + chunk.count(b"\n", 0, max(0, error.start))
            raise HalftoneError(ErrorCode.BAD_ENCODING, f"Line {line} is not valid UTF-8.") from error

    def _line_of(self, chunk: bytes, byte: int) -> int:
        return self._line + chunk.count(b"\n", 0, chunk.index(byte))


def _check_start(chunk: bytes) -> None:
    if chunk.startswith(_UTF16):
        raise HalftoneError(ErrorCode.BAD_ENCODING, "The file is UTF-16; save it as UTF-8.")
    if chunk.startswith(_OTHER_FORMATS):
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is not a CSV file.")
    if chunk.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is a web page, not a CSV file.")
