"""Takes in files: straight to their place on disk, checked on the way, gone again when anything fails."""

import errno
import io
import os
import shutil
import uuid
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import DatabaseError
from halftone_servicekit.errors import ErrorCode, HalftoneError
from typing_extensions import override
from users.models import User

from analytics.models import Upload

log = structlog.get_logger(__name__)

FORMATS = {".parquet": Upload.Format.PARQUET, ".csv": Upload.Format.CSV}
PARQUET_MAGIC = b"PAR1"
# What other kinds of file start with: ELF, zip, gzip, PDF, SQLite, NumPy, HDF5, PNG, HTML, Parquet named .csv.
NOT_CSV = (
    b"\x7fELF", b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"SQLite format 3", b"\x93NUMPY", b"\x89HDF", b"\x89PNG",
    b"<!DOCTYPE", b"<html", PARQUET_MAGIC,
)  # fmt: skip
HEAD_BYTES = 16
# Left free for the database and the logs.
RESERVE_BYTES = 64 << 20


class DiskUploadHandler(FileUploadHandler):
    """Django's upload handler that writes to `uploads/<uuid>/source`. One file, in the field `file`."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.id = uuid.uuid4()
        self.format = Upload.Format.CSV
        self.name = ""
        self.bytes = 0
        self.complete = False
        self._head = b""
        self._file: BinaryIO | None = None

    @property
    def folder(self) -> Path:
        """The folder of this upload."""
        return Path(settings.STORAGE_ROOT) / "uploads" / str(self.id)

    @override
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name != "file" or self._file is not None or self.complete:
            raise HalftoneError(ErrorCode.UNKNOWN_FIELD, "Send one file, in the field `file`.", field=self.field_name)
        self.name = (self.file_name or "")[-255:]
        self.format = format_of(self.name)
        with no_space():
            self.folder.mkdir(parents=True)
            self._file = (self.folder / "source.partial").open("wb")

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + raw_data)[:HEAD_BYTES]
            check_head(self.format, self._head)
        self.bytes += len(raw_data)
        if self.bytes > self.limit:
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE, f"A file may have {self.limit} bytes.", field="file")
        with no_space():
            self._open().write(raw_data)

    @override
    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        if not self.bytes:
            raise HalftoneError(ErrorCode.EMPTY_FILE, "The file is empty.", field="file")
        if self.format == Upload.Format.PARQUET and not self._head.startswith(PARQUET_MAGIC):
            raise mismatch(self.format)
        with no_space():
            file = self._open()
            file.flush()
            os.fsync(file.fileno())
            file.close()
            (self.folder / "source.partial").rename(self.folder / "source")
        self._file = None
        self.complete = True
        return UploadedFile(io.BytesIO(), name=self.name, size=self.bytes)

    def check_complete(self) -> None:
        """Raises `param_invalid` when no file came, `bad_message` when its end did not."""
        if self._file is not None:
            raise HalftoneError(ErrorCode.BAD_MESSAGE, "The form ends before its file does.")
        if not self.complete:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "Send a file in the field `file`.", field="file")

    def discard(self) -> None:
        """Takes back what was written."""
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> BinaryIO:
        if self._file is None:
            raise HalftoneError(ErrorCode.BAD_MESSAGE)
        return self._file


class no_space:  # noqa: N801 - reads as a statement
    """Turns a full disk or quota into `no_space`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise HalftoneError(ErrorCode.NO_SPACE) from error


def format_of(name: str) -> Upload.Format:
    """The format that a file's name promises. Raises `type_mismatch`."""
    try:
        return FORMATS[Path(name).suffix.lower()]
    except KeyError as error:
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "Send a .parquet or a .csv file.", field="file") from error


def check_head(kind: Upload.Format, head: bytes) -> None:
    """Compares the first bytes with the promise, as early as they tell. Raises `type_mismatch`."""
    if kind == Upload.Format.PARQUET:
        if not PARQUET_MAGIC.startswith(head[:4]):
            raise mismatch(kind)
    elif head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(NOT_CSV):
        raise mismatch(kind)


def mismatch(kind: Upload.Format) -> HalftoneError:
    """What the file is called and what it is differ."""
    return HalftoneError(ErrorCode.TYPE_MISMATCH, f"The file is not {kind.label}, as its name says.", field="file")


def check_space(size: int) -> None:
    """Refuses before the first byte what cannot fit. Raises `no_space`."""
    root = Path(settings.STORAGE_ROOT)
    with no_space():
        root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free < size + RESERVE_BYTES:
        raise HalftoneError(ErrorCode.NO_SPACE)


def keep(user: User, handler: DiskUploadHandler) -> Upload:
    """Records a complete file; without the record the file goes too."""
    try:
        return Upload.objects.create(
            id=handler.id, owner=user, name=handler.name, format=handler.format, bytes=handler.bytes
        )
    except DatabaseError:
        handler.discard()
        raise


def adopt(user: User, path: Path) -> Upload:
    """An upload made of a file on this machine: a hard link where that works, else a copy.

    Raises `type_mismatch`, `empty_file`, `no_space`.
    """
    kind = format_of(path.name)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    check_head(kind, head)
    upload = Upload(owner=user, name=path.name[-255:], format=kind, bytes=path.stat().st_size)
    target = Path(settings.STORAGE_ROOT) / upload.uri
    with no_space():
        target.parent.mkdir(parents=True)
        try:
            os.link(path.resolve(), target)
        except OSError:
            shutil.copyfile(path, target)
    upload.save(force_insert=True)
    return upload
