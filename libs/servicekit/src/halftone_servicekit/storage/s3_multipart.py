"""An object that arrives over several sessions: a multipart upload, and beside it what is no whole part yet.

All parts but the last have one size, which follows from that of the object. So the offset alone says which parts are
there, and a part that is sent again takes the place of itself. What is behind the last whole part lies in an object of
its own, a tail, whose name says where it ends: it is never written over, and goes once a later offset is known.
"""

from collections.abc import Iterator
from typing import Any, Final, Protocol

from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.storage.base import CHUNK_BYTES

# The protocol allows 10,000.
MAX_PARTS: Final = 9_900


class Bucket(Protocol):
    """What is asked of the object storage."""

    def call(self, method: str, **arguments: Any) -> dict[str, Any]: ...  # noqa: ANN401 - as the SDK takes them

    def key(self, name: str) -> str: ...

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes: ...

    def size(self, name: str) -> int: ...

    def children(self, name: str) -> list[str]: ...

    def remove(self, name: str) -> None: ...


def part_bytes(size: int) -> int:
    """The size of a part of an object of `size` bytes: a multiple of `CHUNK_BYTES`."""
    return CHUNK_BYTES * max(1, -(-size // (CHUNK_BYTES * MAX_PARTS)))


class ContinuedObject:
    """Sends each part once it is full. Memory: one part, and what was written at once."""

    def __init__(self, bucket: Bucket, name: str, size: int, at: int, token: str) -> None:
        self._bucket = bucket
        self._name = name
        self._size = size
        self._token = token
        self._part = part_bytes(size)
        self._sent = at // self._part
        rest = at % self._part if at < size else 0
        self._held = bytearray(bucket.read(_tail(name, at)) if rest else b"")
        if len(self._held) != rest:
            raise FileNotFoundError(_tail(name, at))
        self._tails = [_tail(name, at)]
        _remove_tails(bucket, name, keep=_tail(name, at))

    def write(self, data: bytes) -> None:
        self._held += data
        while len(self._held) >= self._part:
            self._send(self._part)

    def sync(self) -> None:
        at = self._sent * self._part + len(self._held)
        if not self._held:
            return
        if at == self._size:
            self._send(len(self._held))
            return
        tail = _tail(self._name, at)
        self._bucket.call("put_object", Key=self._bucket.key(tail), Body=bytes(self._held))
        # The offset that was known before this call is that of the newest but one.
        self._tails.append(tail)
        while len(self._tails) > 2:
            self._bucket.remove(self._tails.pop(0))

    def close(self) -> None:
        self._held.clear()

    def _send(self, size: int) -> None:
        key, number = self._bucket.key(self._name), self._sent + 1
        body = bytes(self._held[:size])
        try:
            self._bucket.call("upload_part", Key=key, UploadId=self._token, PartNumber=number, Body=body)
        except HalftoneError:
            # A store may refuse a part of what is gone before it has read it, and close: its answer is lost then.
            next(_parts(self._bucket, self._name, self._token), None)
            raise
        del self._held[:size]
        self._sent += 1


def complete(bucket: Bucket, name: str, size: int, token: str) -> None:
    """Puts the parts together, and removes what lay beside them. Raises FileNotFoundError when bytes are missing."""
    if not _is_whole(bucket, name, size):
        parts = list(_parts(bucket, name, token))
        if sum(part["Size"] for part in parts) != size:
            raise FileNotFoundError(name)
        listed = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
        bucket.call(
            "complete_multipart_upload", Key=bucket.key(name), UploadId=token, MultipartUpload={"Parts": listed}
        )
    _remove_tails(bucket, name)


def _is_whole(bucket: Bucket, name: str, size: int) -> bool:
    try:
        return bucket.size(name) == size
    except FileNotFoundError:
        return False


def _parts(bucket: Bucket, name: str, token: str) -> Iterator[dict[str, Any]]:
    after: dict[str, int] = {}
    while True:
        page = bucket.call("list_parts", Key=bucket.key(name), UploadId=token, **after)
        yield from page.get("Parts", [])
        if not page.get("IsTruncated"):
            return
        after = {"PartNumberMarker": int(page["NextPartNumberMarker"])}


def _tail(name: str, at: int | str) -> str:
    return f"{name}.tail-{at}"


def _remove_tails(bucket: Bucket, name: str, keep: str = "") -> None:
    folder, _, file = name.rpartition("/")
    for beside in bucket.children(folder):
        if beside.startswith(_tail(file, "")) and f"{folder}/{beside}" != keep:
            bucket.remove(f"{folder}/{beside}")
