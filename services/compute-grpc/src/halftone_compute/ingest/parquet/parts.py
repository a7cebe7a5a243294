"""The parts of a table: a Parquet file, those of a folder, or those of a zip archive."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.parquet.file import ParquetFile

if TYPE_CHECKING:
    from halftone_compute.ingest.limits import Budget

_ENDINGS = (".parquet", ".parq", ".pq")
_MOST = 4_096
_ZIP = b"PK\x03\x04"


class Parts:
    """The files of one table, in the order of their names. Those of an archive are unpacked beside it, into files
    without a name, which are gone when this object or the process is.

    Raises HalftoneError `empty_file` without a part, and what ParquetFile raises, with the part's name.
    """

    def __init__(self, path: Path, budget: Budget) -> None:
        if path.is_dir():
            found = [(str(part.relative_to(path)), part) for part in sorted(path.rglob("*"))]
            places = [
                (name, part) for name, part in found if _is_part(name) and part.is_file() and not part.is_symlink()
            ]
        elif _starts(path) == _ZIP:
            places = self._extract(path, budget)
        else:
            self.files = [ParquetFile(path, path.name)]
            return
        if not places:
            raise HalftoneError(ErrorCode.EMPTY_FILE, "It holds no Parquet file.")
        if len(places) > _MOST:
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, f"It holds more than {_MOST:,} Parquet files.")
        self.files = [_opened(name, part) for name, part in places]

    def _extract(self, path: Path, budget: Budget) -> list[tuple[str, Path]]:
        places = []
        try:
            with zipfile.ZipFile(path) as archive:
                members = [member for member in archive.infolist() if _is_part(member.filename)][: _MOST + 1]
                budget.check(sum(member.file_size for member in members))
                for member in sorted(members, key=lambda member: member.filename):
                    places.append((member.filename, self._extracted(archive, member, path.parent)))
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The archive is damaged or protected.") from error
        return places

    def _extracted(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, beside: Path) -> Path:
        with tempfile.TemporaryFile(dir=beside) as file, archive.open(member) as packed:
            # It ends after the size that the budget has seen.
            shutil.copyfileobj(packed, file)
            file.flush()
            descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, descriptor)
        return Path(f"/proc/self/fd/{descriptor}")


def _opened(name: str, path: Path) -> ParquetFile:
    try:
        return ParquetFile(path, name)
    except HalftoneError as error:
        raise HalftoneError(error.code, f"{name}: {error.detail}") from error


def _is_part(name: str) -> bool:
    """Whether it is data: names that start with `.` or `_` are notes of those who write such folders."""
    return name.lower().endswith(_ENDINGS) and not any(step.startswith((".", "_")) for step in name.split("/"))


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _starts(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_ZIP))
