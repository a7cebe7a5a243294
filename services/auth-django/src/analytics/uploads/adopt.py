"""Uploads of files that lie on this machine."""

import io
import zipfile
from pathlib import Path
from typing import Any

from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import Writer
from typing_extensions import override
from users.models import User

from analytics.formats import HEAD_BYTES, check_head, ending_of, known_formats
from analytics.models import Upload


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
