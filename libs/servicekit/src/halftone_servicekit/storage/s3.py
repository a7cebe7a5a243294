"""A storage that is a bucket of S3, or of anything that speaks its protocol."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import s3fs
import structlog
from botocore.exceptions import BotoCoreError, ParamValidationError  # type: ignore[import-untyped]
from typing_extensions import override

from halftone_servicekit.backoff import Backoff
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage.base import (
    CHUNK_BYTES,
    Continued,
    Storage,
    StorageAddress,
    Writer,
    copy,
    ignore,
    plain,
)
from halftone_servicekit.storage.s3_multipart import ContinuedObject, complete

log = structlog.get_logger(__name__)
T = TypeVar("T")

CONNECT_S, READ_S = 3.0, 20.0
BACKOFF_S = (0.1, 2.0)
# As many as the protocol lists or deletes at once.
PAGE = 1_000
# The protocol allows 10,000 parts; the last ones are for files that grow while they are read.
PARTS = 9_900
ABSENT = frozenset({"NoSuchKey", "NoSuchUpload", "404", "NotFound"})
FULL = frozenset({"QuotaExceeded", "InsufficientStorage", "StorageFull", "XMinioStorageFull", "NoSpaceLeftOnDevice"})
BUSY = frozenset({"SlowDown", "RequestTimeout", "Throttling", "TooManyRequests", "ServiceUnavailable"})


class S3Storage(Storage):
    """Objects below the prefix of the address. What does not answer is asked again for `patience` seconds."""

    def __init__(self, address: StorageAddress, patience: float) -> None:
        self._bucket, _, prefix = address.url.removeprefix("s3://").strip("/").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._patience = patience
        self._lock = threading.Lock()
        self._fs = s3fs.S3FileSystem(
            endpoint_url=address.endpoint or None,
            key=address.access_key or None,
            secret=address.secret_key or None,
            client_kwargs={"region_name": address.region},
            config_kwargs={
                "connect_timeout": CONNECT_S,
                "read_timeout": READ_S,
                # Repeated here, where patience has an end.
                "retries": {"mode": "standard", "total_max_attempts": 1},
                "max_pool_connections": 32,
                **({"s3": {"addressing_style": "path"}} if address.endpoint else {}),
            },
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        self._fs.retries = 1

    @override
    def open(self, name: str) -> Writer:
        return _S3Writer(self, self.key(name), CHUNK_BYTES)

    @override
    def begin(self, name: str, size: int) -> str:
        return str(self.call("create_multipart_upload", Key=self.key(name))["UploadId"])

    @override
    def resume(self, name: str, size: int, at: int, token: str) -> Continued:
        return ContinuedObject(self, name, size, at, token)

    @override
    def complete(self, name: str, size: int, token: str) -> None:
        complete(self, name, size, token)

    @override
    def put(self, path: Path, name: str, sent: Callable[[int], None] = ignore) -> None:
        part = max(CHUNK_BYTES, -(-path.stat().st_size // PARTS))
        copy(path, _S3Writer(self, self.key(name), part), sent)

    @override
    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        if stop is not None and stop <= start:
            return b""
        address = f"{self._bucket}/{self.key(name)}"
        is_part = start > 0 or stop is not None
        try:
            data = self._insist(
                lambda: self._fs.cat_file(address, start=start if is_part else None, end=stop, max_concurrency=1)
            )
        except _RangeError:
            return b""
        return bytes(data)

    @override
    def size(self, name: str) -> int:
        return int(self.call("head_object", Key=self.key(name))["ContentLength"])

    @override
    def children(self, name: str) -> list[str]:
        prefix = self.key(name) + "/"
        found: set[str] = set()
        for page in self._pages(prefix, Delimiter="/"):
            keys = [entry["Key"] for entry in page.get("Contents", [])]
            keys += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
            found.update(key.removeprefix(prefix).rstrip("/") for key in keys)
        return sorted(found - {""})

    @override
    def entries(self, name: str) -> list[tuple[str, int | None]]:
        prefix = self.key(name) + "/" if name else self._prefix
        found: dict[str, int | None] = {}
        for page in self._pages(prefix, Delimiter="/"):
            found |= {
                entry["Prefix"].removeprefix(prefix).rstrip("/"): None for entry in page.get("CommonPrefixes", [])
            }
            found |= {entry["Key"].removeprefix(prefix): int(entry["Size"]) for entry in page.get("Contents", [])}
        return sorted((name, size) for name, size in found.items() if name and not name.endswith("/"))

    @override
    def changed(self, name: str) -> float | None:
        times = [entry["LastModified"].timestamp() for entry in self._below(self.key(name))]
        return max(times, default=None)

    @override
    def remove(self, name: str) -> None:
        key = self.key(name)
        keys = [entry["Key"] for entry in self._below(key)]
        for start in range(0, len(keys), PAGE):
            batch = [{"Key": found} for found in keys[start : start + PAGE]]
            left = self.call("delete_objects", Delete={"Objects": batch, "Quiet": True}).get("Errors", [])
            if left:
                log.warning("storage_refused", call="delete_objects", error=left[0].get("Code"))
                raise HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)
        self._abort_below(key, lambda upload: _is_below(upload["Key"], key))

    @override
    def forget_unfinished(self, before: float) -> int:
        return self._abort_below(self._prefix, lambda upload: upload["Initiated"].timestamp() < before)

    @override
    def ready(self) -> None:
        # Once: who asks will ask again, and does not want to wait.
        self._insist(
            lambda: self._fs.call_s3("list_objects_v2", Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1), 0.0
        )

    @override
    def free(self) -> int | None:
        return None

    @override
    def close(self) -> None:
        """Closes its connections; the next call opens new ones."""
        creator = getattr(self._fs, "_s3creator", None)
        if creator is not None:
            self._fs.close_session(self._fs.loop, creator)

    def key(self, name: str) -> str:
        """The key of the object. Raises `ValueError`."""
        return self._prefix + plain(name)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as the SDK takes them
        """One call of the SDK, about this bucket."""
        answer: dict[str, Any] = self._insist(lambda: self._fs.call_s3(method, Bucket=self._bucket, **arguments))
        return answer

    def _insist(self, call: Callable[[], T], patience: float | None = None) -> T:
        deadline = time.monotonic() + (self._patience if patience is None else patience)
        backoff = Backoff(*BACKOFF_S)
        while True:
            try:
                return call()
            except ParamValidationError:
                raise
            except (OSError, BotoCoreError) as error:
                pause = backoff.pause()
                if not _may_pass(error) or time.monotonic() + pause > deadline:
                    raise _meaning(error) from error
            time.sleep(pause)

    def _pages(self, prefix: str, **options: str) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self.call("list_objects_v2", Prefix=prefix, MaxKeys=PAGE, **options, **token)
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def _below(self, key: str) -> list[dict[str, Any]]:
        """The object of this key, and all in the folder of this key."""
        found = [entry for page in self._pages(key) for entry in page.get("Contents", [])]
        return [entry for entry in found if _is_below(entry["Key"], key)]

    def _abort_below(self, prefix: str, is_meant: Callable[[dict[str, Any]], bool]) -> int:
        """Page by page from the start, as what is aborted is listed no more: stores differ in how a page goes on."""
        done = 0
        while True:
            page = self.call("list_multipart_uploads", Prefix=prefix, MaxUploads=PAGE)
            meant = [upload for upload in page.get("Uploads", []) if is_meant(upload)]
            for upload in meant:
                with suppress(FileNotFoundError):
                    self.call("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
            done += len(meant)
            if not meant or not page.get("IsTruncated"):
                return done


class _S3Writer:
    """Holds one part in memory; a file of one part is one call."""

    def __init__(self, storage: S3Storage, key: str, part_bytes: int) -> None:
        self._storage = storage
        self._key = key
        self._part_bytes = part_bytes
        self._held = bytearray()
        self._upload = ""
        self._parts: list[dict[str, object]] = []
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._held += data
        while len(self._held) > self._part_bytes:
            self._send(bytes(self._held[: self._part_bytes]))
            del self._held[: self._part_bytes]

    def commit(self) -> None:
        last = bytes(self._held)
        if not self._upload:
            self._storage.call("put_object", Key=self._key, Body=last)
            return
        self._send(last)
        try:
            self._call("complete_multipart_upload", MultipartUpload={"Parts": self._parts})
        except FileNotFoundError:
            # A first try whose answer was lost has done it, or the upload was taken away.
            if int(self._storage.call("head_object", Key=self._key)["ContentLength"]) != self._bytes:
                raise
        self._upload = ""

    def abort(self) -> None:
        self._held.clear()
        if not self._upload:
            return
        try:
            self._call("abort_multipart_upload")
        except (HalftoneError, FileNotFoundError) as error:
            # The sweep of the storage removes it.
            log.warning("upload_not_aborted", key=self._key, error=str(error))
        self._upload = ""

    def _send(self, data: bytes) -> None:
        if not self._upload:
            self._upload = str(self._storage.call("create_multipart_upload", Key=self._key)["UploadId"])
        number = len(self._parts) + 1
        answer = self._call("upload_part", PartNumber=number, Body=data)
        # Without the checksums that the SDK adds to each part: stores differ in whether they want them again.
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._bytes += len(data)

    def _call(self, method: str, **arguments: object) -> dict[str, Any]:
        return self._storage.call(method, Key=self._key, UploadId=self._upload, **arguments)


class _RangeError(Exception):
    """The object ends before the range begins."""


def _is_below(found: str, key: str) -> bool:
    return found == key or found.startswith(key.rstrip("/") + "/")


def _response(error: BaseException) -> tuple[str, int]:
    """The error's name and HTTP status; empty and 0 when there was no answer."""
    response = getattr(error.__cause__, "response", None) or getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", "")), int(
        response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    )


def _may_pass(error: BaseException) -> bool:
    code, status = _response(error)
    if status == 507 or code in FULL:
        return False
    return not status or status >= 500 or status == 429 or code in BUSY


def _meaning(error: BaseException) -> Exception:
    code, status = _response(error)
    if code in ABSENT:
        return FileNotFoundError(str(error))
    if code == "InvalidRange" or status == 416:
        return _RangeError()
    if code in FULL or status == 507:
        return HalftoneError(ErrorCode.NO_SPACE)
    log.warning("storage_refused", error=repr(error), code=code, status=status)
    return HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)
