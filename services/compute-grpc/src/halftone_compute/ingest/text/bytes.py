"""The bytes of a text file: unpacked, made UTF-8 and checked before a parser gets them."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.limits import LINE_BYTES
from halftone_compute.ingest.text.encoding import (
    UTF8,
    WESTERN,
    check_is_text,
    found_encoding,
    named_encoding,
)
from halftone_compute.ingest.text.unpack import UnpackedFile

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.text.encoding import Encoding

# A line within one step is never too long, so only lines that span steps are measured.
_STEP = LINE_BYTES


class NotUtf8Error(Exception):
    """A file whose start is ASCII holds other bytes later, and they are not UTF-8."""


class TextBytes:
    """Reads a file as UTF-8 text without its byte order mark; packed files are unpacked.

    `encoding` is a codec of Python, or empty: then it is found from the start of the file.
    Raises HalftoneError `type_mismatch`, `bad_encoding`, `line_too_long`, `too_large_uncompressed` or `param_invalid`,
    and NotUtf8Error where an encoding that was found turns out to be another one.
    """

    def __init__(self, path: Path, budget: Budget, encoding: str = "") -> None:
        self._bytes = UnpackedFile(path, budget)
        self._line = 1
        self._line_bytes = 0
        try:
            start = self._start()
            check_is_text(start)
            is_whole = len(start) < _STEP
            self._encoding = named_encoding(encoding, start) if encoding else found_encoding(start, is_whole=is_whole)
        except BaseException:
            self.close()
            raise
        self._is_found = not encoding
        self._is_ascii = True
        self._decoder = _decoder(self._encoding)
        self._ended = False
        self._raw = start[self._encoding.mark :]
        self._is_mac: bool | None = None
        self._held = b""

    @property
    def encoding(self) -> str:
        return self._encoding.name

    @property
    def file_bytes(self) -> int:
        """Bytes of the file that were read so far, before unpacking."""
        return self._bytes.file_bytes

    @property
    def closed(self) -> bool:
        return self._bytes.closed

    def read(self, size: int) -> bytes:
        """At most `size` bytes, fewer only at the end."""
        parts = [self._held]
        count = len(self._held)
        while count < size and not self._ended:
            parts.append(self._next())
            count += len(parts[-1])
        data = b"".join(parts)
        self._held = data[size:]
        return data[:size]

    def give_back(self, data: bytes) -> None:
        """The next read starts with `data`."""
        self._held = data + self._held

    def close(self) -> None:
        self._bytes.close()

    def _start(self) -> bytes:
        start = b""
        while len(start) < _STEP and (chunk := self._bytes.read(_STEP - len(start))):
            start += chunk
        return start

    def _next(self) -> bytes:
        chunk, self._raw = self._raw or self._bytes.read(_STEP), b""
        self._ended = not chunk
        text = self._with_line_feeds(self._as_utf8(chunk))
        if b"\0" in text:
            line = self._line + text.count(b"\n", 0, text.index(b"\0"))
            raise HalftoneError(ErrorCode.BAD_ENCODING, f"Line {line} holds a NUL character.")
        self._check_lines(text)
        self._line += line_ends(text)
        return text

    def _with_line_feeds(self, text: bytes) -> bytes:
        """Lines that end with a carriage return alone, as on old Macintosh computers, end with a line feed."""
        if self._is_mac is None:
            self._is_mac = b"\r" in text[:-1] and b"\n" not in text
        return text.replace(b"\r", b"\n") if self._is_mac else text

    def _check_lines(self, text: bytes) -> None:
        first, last = text.find(b"\n"), text.rfind(b"\n")
        if self._line_bytes + (len(text) if first < 0 else first) > LINE_BYTES:
            raise HalftoneError(ErrorCode.LINE_TOO_LONG, f"Line {self._line} is longer than 1 MiB.")
        self._line_bytes = self._line_bytes + len(text) if last < 0 else len(text) - last - 1

    def _as_utf8(self, chunk: bytes) -> bytes:
        is_utf8_file = self._encoding.name == UTF8
        if is_utf8_file and self._is_ascii and chunk.isascii():
            return chunk
        was_ascii, self._is_ascii = self._is_ascii, False
        try:
            text = self._decoder.decode(chunk, self._ended)
        except UnicodeDecodeError as error:
            before = bytes(error.object[: error.start])
            if self._is_found and is_utf8_file and was_ascii and before.isascii() and not self._encoding.mark:
                raise NotUtf8Error from error
            line = self._line + before.decode(self.encoding, "replace").count("\n")
            title = self.encoding.removesuffix("-le").removesuffix("-be").upper()
            raise HalftoneError(ErrorCode.BAD_ENCODING, f"Line {line} is not valid {title}.") from error
        return chunk if is_utf8_file else text.encode()


def line_ends(text: bytes) -> int:
    """How many lines end in `text`; five times as fast as `bytes.count` where lines are short."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord("\n")))


def _decoder(encoding: Encoding) -> codecs.IncrementalDecoder:
    errors = _CONTROLS if encoding.name == WESTERN else "strict"
    return codecs.getincrementaldecoder(encoding.name)(errors)


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """Browsers read the five bytes that Windows-1252 leaves open as control characters (WHATWG Encoding, 9.1)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_CONTROLS = "halftone-control-characters"
codecs.register_error(_CONTROLS, _as_control)
