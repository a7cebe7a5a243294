"""The bytes of a file, unpacked: gzip, Zstandard, bzip2, and zip archives of one file."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Literal

import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.limits import Budget

_STREAMS: dict[bytes, Literal["gzip", "zstd", "bz2"]] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
}
_ZIP = b"PK\x03\x04"
_DAMAGED = (OSError, EOFError, pa.ArrowException, zlib.error, zipfile.BadZipFile)


class UnpackedFile:
    """Reads a file from its start; what is packed counts against `budget`.

    Raises HalftoneError `type_mismatch` for a damaged archive, one with a password and one of several files, and
    `too_large_uncompressed`.
    """

    def __init__(self, path: Path, budget: Budget) -> None:
        self._file = path.open("rb")
        self._budget = budget
        self._total = 0
        self._bytes: IO[bytes] | pa.CompressedInputStream = self._file
        try:
            self._packed = self._open()
        except BaseException:
            self._file.close()
            raise

    @property
    def file_bytes(self) -> int:
        """Bytes of the file that were read so far, before unpacking."""
        return self._file.tell()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """At least one byte and at most `size`; none at the end."""
        try:
            chunk = bytes(self._bytes.read(size) or b"")
        except _DAMAGED as error:
            # pyarrow reports damaged bytes as an OSError without errno; an error of the system has one.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The compressed file is damaged.") from error
        if self._packed:
            self._total += len(chunk)
            self._budget.check(self._total)
        return chunk

    def _open(self) -> bool:
        start = self._file.read(4)
        self._file.seek(0)
        if start.startswith(_ZIP):
            self._bytes = _only_member(self._file)
            return True
        stream = next((name for magic, name in _STREAMS.items() if start.startswith(magic)), None)
        if stream is not None:
            self._bytes = pa.CompressedInputStream(pa.PythonFile(self._file, mode="r"), stream)
        return stream is not None


def _only_member(file: IO[bytes]) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(file)
        # macOS adds a folder of its own to every archive.
        members = [
            each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise HalftoneError(
                ErrorCode.TYPE_MISMATCH, f"The archive holds {len(members):,} files; an archive of a table holds one."
            )
        return archive.open(members[0])
    except zipfile.BadZipFile as error:
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The compressed file is damaged.") from error
    except (RuntimeError, NotImplementedError) as error:
        raise HalftoneError(
            ErrorCode.TYPE_MISMATCH, "The archive has a password, or is packed in a way that is not supported."
        ) from error
