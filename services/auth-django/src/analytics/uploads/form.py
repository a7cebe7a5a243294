"""Uploads as forms: written directly to storage, checked while they arrive, removed on any failure."""

import io
import uuid
from collections.abc import Sequence
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

from analytics.formats import HEAD_BYTES, KnownFormat, check_head, ending_of
from analytics.models import Upload

log = structlog.get_logger(__name__)


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


def keep(user: User, handler: StorageUploadHandler) -> Upload:
    """Records a complete file; removes the file if the record fails."""
    try:
        return Upload.objects.create(
            id=handler.id, owner=user, name=handler.name, format=handler.format, bytes=handler.bytes
        )
    except DatabaseError:
        handler.discard()
        raise
