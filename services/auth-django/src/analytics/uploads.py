"""Uploads: written directly to storage, checked while they arrive, removed on any failure."""

import io
import uuid
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import DatabaseError
from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import Writer
from typing_extensions import override
from users.models import User

from analytics.formats import HEAD_BYTES, KnownFormat, check_head, ending_of, known_formats
from analytics.models import Upload

log = structlog.get_logger(__name__)

# Kept free for the database and the logs.
RESERVE_BYTES = 64 << 20


class StorageUploadHandler(FileUploadHandler):
    """Django's upload handler that writes to `uploads/<uuid>/source`. One file, in the field `file`."""

    def __init__(self, limit: int, known: Sequence[KnownFormat]) -> None:
        super().__init__()
        self.limit = limit
        self.id = uuid.uuid4()
        self.format = ""
        self._known = known
        self.name = ""
        self.bytes = 0
        self.complete = False
        self._head = b""
        self._writer: Writer | None = None

    @property
    def folder(self) -> str:
        """The folder of this upload, in the storage."""
        return f"uploads/{self.id}"

    @override
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name != "file" or self._writer is not None or self.complete:
            raise HalftoneError(ErrorCode.UNKNOWN_FIELD, "Send one file, in the field `file`.", field=self.field_name)
        self.name = (self.file_name or "")[-255:]
        self.format = ending_of(self.name, self._known)
        self._writer = storage().open(f"{self.folder}/source")

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + raw_data)[:HEAD_BYTES]
            check_head(self.format, self._head, self._known, whole=False)
        self.bytes += len(raw_data)
        if self.bytes > self.limit:
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE, f"A file may have {self.limit} bytes.", field="file")
        self._open().write(raw_data)

    @override
    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        if not self.bytes:
            raise HalftoneError(ErrorCode.EMPTY_FILE, "The file is empty.", field="file")
        check_head(self.format, self._head, self._known, whole=True)
        self._open().commit()
        self._writer = None
        self.complete = True
        return UploadedFile(io.BytesIO(), name=self.name, size=self.bytes)

    def check_complete(self) -> None:
        """Raises `param_invalid` without a file, `bad_message` for a truncated one."""
        if self._writer is not None:
            raise HalftoneError(ErrorCode.BAD_MESSAGE, "The form ends before its file does.")
        if not self.complete:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "Send a file in the field `file`.", field="file")

    def discard(self) -> None:
        """Removes the written bytes."""
        try:
            if self._writer is not None:
                self._writer.abort()
            storage().remove(self.folder)
        except (HalftoneError, OSError) as error:
            # The response reports the first error; the sweep removes what is left.
            log.warning("upload_left", upload_id=str(self.id), error=repr(error))

    def _open(self) -> Writer:
        if self._writer is None:
            raise HalftoneError(ErrorCode.BAD_MESSAGE)
        return self._writer


def check_space(size: int) -> None:
    """Refuses a file that does not fit before its first byte. Raises `no_space`."""
    free = storage().free()
    if free is not None and free < size + RESERVE_BYTES:
        raise HalftoneError(ErrorCode.NO_SPACE)


def keep(user: User, handler: StorageUploadHandler) -> Upload:
    """Records a complete file; removes the file if the record fails."""
    try:
        return Upload.objects.create(
            id=handler.id, owner=user, name=handler.name, format=handler.format, bytes=handler.bytes
        )
    except DatabaseError:
        handler.discard()
        raise


def adopt(user: User, path: Path) -> Upload:
    """An upload of a local file: a hard link in a local storage where possible, else a copy.

    Of a folder its Parquet files are packed into one archive. Raises `type_mismatch`, `empty_file`, `no_space`.
    """
    if path.is_dir():
        return _adopt_folder(user, path)
    known = known_formats()
    ending = ending_of(path.name, known)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    check_head(ending, head, known, whole=True)
    upload = Upload(owner=user, name=path.name[-255:], format=ending, bytes=path.stat().st_size)
    storage().put(path, upload.uri)
    upload.save(force_insert=True)
    return upload


class _WriterFile(io.RawIOBase):
    """A file of the storage as zipfile writes one: from start to end, without going back."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.bytes = 0

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Any) -> int:
        self._writer.write(bytes(data))
        self.bytes += len(data)
        return len(data)


def _adopt_folder(user: User, folder: Path) -> Upload:
    """An upload of the Parquet files below a folder, as a zip archive that is not compressed once more."""
    name = f"{folder.resolve().name}.parquet.zip"
    parts = sorted(part for part in folder.rglob("*.parquet") if part.is_file())
    if not parts:
        raise HalftoneError(ErrorCode.EMPTY_FILE, "The folder holds no Parquet file.")
    upload = Upload(owner=user, name=name[-255:], format=ending_of(name, known_formats()))
    writer = storage().open(upload.uri)
    try:
        with _WriterFile(writer) as file:
            with zipfile.ZipFile(file, "w") as archive:
                for part in parts:
                    archive.write(part, part.relative_to(folder))
            upload.bytes = file.bytes
        writer.commit()
    except BaseException:
        writer.abort()
        raise
    upload.save(force_insert=True)
    return upload
