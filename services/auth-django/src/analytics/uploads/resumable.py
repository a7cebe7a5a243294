"""Resumable uploads: a file in as many requests as it takes, each continuing where the last one ended.

`Upload.received` is the offset. It grows only after the storage holds the bytes for good, so that it is right whatever
dies meanwhile. One request at a time writes: it holds a lease, and loses it when it is silent for too long.
"""

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.db.models import Q
from django.utils import timezone
from halftone_auth.database.locks import Lock, advisory_lock
from halftone_auth.database.pool import release_connection
from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage import Continued
from users.models import User

from analytics.formats import HEAD_BYTES, check_head, ending_of, known_formats
from analytics.models import Job, Upload
from analytics.uploads.space import check_space

log = structlog.get_logger(__name__)

# An unfinished upload goes this long after its last byte.
OPEN_KEPT = timedelta(days=7)
LEASE = timedelta(seconds=20)
# What a killed process loses at most: after so many bytes they are made safe, and the offset grows.
CHECKPOINT_BYTES = 16 << 20
READ_BYTES = 1 << 16
CHECKSUMS = ("sha256", "sha1")


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must hash to: `algorithm` is one of `CHECKSUMS`."""

    algorithm: str
    digest: bytes


def create(user: User, name: str, size: int) -> Upload:
    """Opens an upload of `size` bytes; they are reserved from here on.

    Raises `type_mismatch`, `empty_file`, `body_too_large`, `quota_exceeded`, `no_space`.
    """
    ending = ending_of(name, known_formats())
    if not size:
        raise HalftoneError(ErrorCode.EMPTY_FILE, "The file is empty.", field="Upload-Length")
    if size > settings.UPLOAD_MAX_BYTES:
        detail = f"A file may have {settings.UPLOAD_MAX_BYTES} bytes."
        raise HalftoneError(ErrorCode.BODY_TOO_LARGE, detail, field="Upload-Length")
    with advisory_lock(Lock.UPLOADS):
        check_space(user, size)
        expires = timezone.now() + OPEN_KEPT
        upload = Upload.objects.create(
            owner=user, name=name[-255:], format=ending, bytes=size, received=0, expires_at=expires
        )
    try:
        upload.multipart = storage().begin(upload.uri, size)
        upload.save(update_fields=["multipart"])
    except BaseException:
        upload.delete()
        raise
    return upload


def receive(upload: Upload, offset: int, read: Callable[[int], bytes], checksum: Checksum | None = None) -> int:
    """Takes in the body of one request, which begins at `offset`; the offset afterwards.

    `read(n)` gives up to n bytes, none at the end. What arrived before the client left is kept, unless its checksum is
    not known to be right. Raises `upload_conflict` for another offset, `upload_locked` while another request writes,
    `checksum_mismatch`, `body_too_large`, `type_mismatch`, `not_found`, and RequestAborted.
    """
    if upload.parts.exists():
        raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "Each file of a set is sent to its own address.", field="upload")
    with _leased(upload) as lease:
        if offset != lease.received:
            detail = f"The upload continues at {lease.received}."
            raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, detail, field="Upload-Offset")
        try:
            _begin(upload, lease)
            received = _Reception(upload, lease, checksum).run(read)
        except FileNotFoundError as error:
            # It was terminated meanwhile.
            raise HalftoneError(ErrorCode.NOT_FOUND, field="upload") from error
        if received == upload.bytes:
            _finish(upload, lease)
    return received


def finish(upload: Upload) -> None:
    """Makes an upload whole whose last byte is there: a process may have died between the two."""
    with _leased(upload) as lease:
        _finish(upload, lease)


def finish_set(whole: Upload) -> None:
    """Makes a set whole once all its files are; at any other time it does nothing."""
    if whole.parts.exists() and not whole.parts.filter(received__isnull=False).exists():
        Upload.objects.filter(pk=whole.pk, removed_at=None).update(received=None, expires_at=None)


def terminate(upload: Upload) -> None:
    """Removes an upload, open or whole. Raises `upload_conflict` when a job reads it or has read it."""
    upload = upload.whole or upload
    if upload.jobs.exclude(kind=Job.Kind.PREVIEW).exists():
        raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "This upload has been imported already.", field="upload")
    discard(upload)


def discard(upload: Upload) -> None:
    """Removes the bytes and the row, with a file of a set the whole set; a request that writes finds its lease lost."""
    upload = upload.whole or upload
    upload.jobs.all().delete()
    folder = f"uploads/{upload.pk}"
    Upload.objects.filter(pk=upload.pk).delete()
    storage().remove(folder)


@dataclass
class _Lease:
    """The right to write to an upload, from `received` on."""

    upload: Upload
    received: int
    token: uuid.UUID
    until: float = field(default=0.0)

    def keep(self) -> None:
        """Renews it when a good part is over. Raises `upload_locked` when it is lost."""
        if time.monotonic() > self.until - LEASE.total_seconds() * 0.75:
            self._update()

    def advance(self, received: int) -> None:
        """Moves the offset: these bytes are safe. Raises `upload_locked` when the lease is lost."""
        expires = timezone.now() + OPEN_KEPT
        self._update(received=received, expires_at=expires)
        if self.upload.whole_id:
            Upload.objects.filter(pk=self.upload.whole_id, received__isnull=False).update(expires_at=expires)
        self.received = received

    def _update(self, **changes: object) -> None:
        until = time.monotonic() + LEASE.total_seconds()
        mine = Upload.objects.filter(pk=self.upload.pk, writer=self.token, removed_at=None)
        is_mine = mine.update(writer_until=timezone.now() + LEASE, **changes)
        release_connection()
        if not is_mine:
            raise HalftoneError(ErrorCode.UPLOAD_LOCKED, field="upload", retry_after_ms=1000)
        self.until = until


@contextmanager
def _leased(upload: Upload) -> Iterator[_Lease]:
    """Takes the lease of an open upload and gives it back. Raises `upload_locked` while another request has it."""
    now, token = timezone.now(), uuid.uuid4()
    free = Q(writer_until=None) | Q(writer_until__lte=now)
    found = Upload.objects.filter(free, pk=upload.pk, received__isnull=False, removed_at=None)
    until = time.monotonic() + LEASE.total_seconds()
    is_taken = found.update(writer=token, writer_until=now + LEASE)
    _refresh(upload)
    if not is_taken and upload.received is None:
        raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, "The upload is whole.", field="upload")
    if not is_taken:
        raise HalftoneError(ErrorCode.UPLOAD_LOCKED, field="upload", retry_after_ms=1000)
    try:
        yield _Lease(upload, int(upload.received or 0), token, until)
    finally:
        Upload.objects.filter(pk=upload.pk, writer=token).update(writer=None, writer_until=None)
        release_connection()


def _refresh(upload: Upload) -> None:
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist as error:
        raise HalftoneError(ErrorCode.NOT_FOUND, field="upload") from error


def _begin(upload: Upload, lease: _Lease) -> None:
    """Prepares the storage for a file of a set when its first bytes come: a set may have many."""
    if upload.whole_id and not lease.received and not upload.multipart:
        upload.multipart = storage().begin(upload.uri, upload.bytes)
        Upload.objects.filter(pk=upload.pk, writer=lease.token).update(multipart=upload.multipart)


class _Reception:
    """One request's bytes on their way into the storage."""

    def __init__(self, upload: Upload, lease: _Lease, checksum: Checksum | None) -> None:
        self._upload = upload
        self._lease = lease
        self._checksum = checksum
        self._hash: Any = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._known = known_formats() if not lease.received else ()
        self._head = b""
        self._at = lease.received

    def run(self, read: Callable[[int], bytes]) -> int:
        """The offset once all is safe. What is not is forgotten: the next request starts at the offset."""
        release_connection()
        file = storage().resume(self._upload.uri, self._upload.bytes, self._lease.received, self._upload.multipart)
        try:
            try:
                while data := read(READ_BYTES):
                    self._take(file, data)
            except RequestAborted:
                if self._checksum is None:
                    self._take(file, read(READ_BYTES))
                    self._advance(file)
                raise
            self._check_sum()
            self._advance(file)
        finally:
            file.close()
        return self._at

    def _take(self, file: Continued, data: bytes) -> None:
        if self._at + len(data) > self._upload.bytes:
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE, f"The upload has {self._upload.bytes} bytes.")
        self._check_head(data)
        self._lease.keep()
        if self._hash is not None:
            self._hash.update(data)
        while data:
            step = CHECKPOINT_BYTES - self._at % CHECKPOINT_BYTES
            file.write(data[:step])
            self._at += len(data[:step])
            data = data[step:]
            if self._at % CHECKPOINT_BYTES == 0 and self._checksum is None:
                self._advance(file)

    def _advance(self, file: Continued) -> None:
        if self._at > self._lease.received:
            file.sync()
            self._lease.advance(self._at)

    def _check_head(self, data: bytes) -> None:
        if self._at >= HEAD_BYTES or not self._known:
            return
        self._head = (self._head + data)[:HEAD_BYTES]
        _check_kind(self._upload, self._head, whole=False)

    def _check_sum(self) -> None:
        if self._checksum is not None and self._hash.digest() != self._checksum.digest:
            raise HalftoneError(ErrorCode.CHECKSUM_MISMATCH, field="Upload-Checksum")


def _check_kind(upload: Upload, head: bytes, *, whole: bool) -> None:
    """Removes an upload that is not what its name says, as no more bytes will help. Raises `type_mismatch`."""
    try:
        check_head(upload.format, head, known_formats(), whole=whole)
    except HalftoneError as error:
        discard(upload)
        if upload.whole_id:
            raise HalftoneError(error.code, f"{upload.name}: {error.detail}", field="file") from error
        raise


def _finish(upload: Upload, lease: _Lease) -> None:
    if lease.received != upload.bytes:
        raise HalftoneError(ErrorCode.UPLOAD_CONFLICT, f"The upload continues at {lease.received}.", field="upload")
    storage().complete(upload.uri, upload.bytes, upload.multipart)
    _check_kind(upload, storage().read(upload.uri, 0, HEAD_BYTES), whole=True)
    Upload.objects.filter(pk=upload.pk, writer=lease.token).update(received=None, multipart="", expires_at=None)
    if upload.whole is not None:
        finish_set(upload.whole)
    log.info("upload_whole", upload_id=str(upload.pk), bytes=upload.bytes)
