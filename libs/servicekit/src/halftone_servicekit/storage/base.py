"""What the services ask of a storage."""

import errno
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from halftone_servicekit.errors import ErrorCode, HalftoneError

# A step of a copy: memory that it takes, and how long a cancelled one goes on.
CHUNK_BYTES = 8 << 20
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class StorageAddress:
    """`file:///folder` or `s3://bucket/prefix`. Without keys the SDK looks for them (environment, instance, pod)."""

    url: str
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Raises `ValueError` for an address that names no place."""
        scheme, _, place = self.url.partition("://")
        if scheme not in ("file", "s3") or not place.strip("/"):
            raise ValueError("HALFTONE_STORAGE must look like file:///folder or s3://bucket/prefix")

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self.url.startswith("file://")

    def folder(self) -> Path:
        """The folder, absolute. Raises `ValueError` for object storage."""
        if not self.is_local:
            raise ValueError("HALFTONE_STORAGE must look like file:///folder here")
        return Path(unquote(self.url.removeprefix("file://"))).resolve()


def ignore(_bytes: int) -> None:
    """No-op progress callback."""


class Writer(Protocol):
    """A file on its way in. It is there, whole, from `commit` on; `abort` leaves nothing of it. One of them ends it."""

    def write(self, data: bytes) -> None: ...

    def commit(self) -> None: ...

    def abort(self) -> None: ...


class Continued(Protocol):
    """A file that arrives over several sessions. What `write` took is safe from the next `sync` on; `close` ends the
    session, and forgets what was not synced.
    """

    def write(self, data: bytes) -> None: ...

    def sync(self) -> None: ...

    def close(self) -> None: ...


class Storage(ABC):
    """Files by name: parts of plain names with `/` between them. A file never changes once it is there.

    open(name)              a Writer
    begin(name, size)       prepares a file of `size` bytes that arrives over several sessions; a token for the others
    resume(name, size, at, token)  a Continued from byte `at` on, which was synced; what lies behind it is forgotten
    complete(name, size, token)    makes the file whole once all bytes were synced; done already is fine
    put(path, name, sent)   copies a local file in; `sent` hears the bytes so far, and ends the copy by raising
    fetch(name, path, got)  copies a file out, to a path that is not there yet; `got` likewise
    read(name, start, stop) bytes of a file; fewer, or none, when it ends before
    size(name)              bytes
    exists(name)            whether there is such a file
    entries(name)           names right below and their bytes, None for a folder; "" is the storage itself
    children(name)          names of the files and folders right below; none when it is no folder
    changed(name)           when anything below was last written, in seconds since 1970; None when nothing is there
    remove(name)            a file, or a folder with all that is below; gone already is fine
    forget_unfinished(t)    ends what was opened before `t` and lies in no folder yet; how many
    ready()                 returns when the storage answers
    free()                  bytes that still fit, None where that is unknown

    Raises FileNotFoundError for what is not there, ValueError for a name that leads elsewhere, HalftoneError
    `no_space` and `storage_unavailable`; a folder raises OSError for all else. Any thread may call.
    """

    @abstractmethod
    def open(self, name: str) -> Writer: ...

    @abstractmethod
    def begin(self, name: str, size: int) -> str: ...

    @abstractmethod
    def resume(self, name: str, size: int, at: int, token: str) -> Continued: ...

    @abstractmethod
    def complete(self, name: str, size: int, token: str) -> None: ...

    @abstractmethod
    def put(self, path: Path, name: str, sent: Callable[[int], None] = ignore) -> None: ...

    @abstractmethod
    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes: ...

    @abstractmethod
    def size(self, name: str) -> int: ...

    @abstractmethod
    def children(self, name: str) -> list[str]: ...

    @abstractmethod
    def entries(self, name: str) -> list[tuple[str, int | None]]: ...

    @abstractmethod
    def changed(self, name: str) -> float | None: ...

    @abstractmethod
    def remove(self, name: str) -> None: ...

    @abstractmethod
    def forget_unfinished(self, before: float) -> int: ...

    @abstractmethod
    def ready(self) -> None: ...

    @abstractmethod
    def free(self) -> int | None: ...

    @abstractmethod
    def close(self) -> None: ...

    def exists(self, name: str) -> bool:
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def fetch(self, name: str, path: Path, got: Callable[[int], None] = ignore) -> None:
        size = self.size(name)
        done = 0
        with no_space(), path.open("xb") as file:
            while done < size:
                data = self.read(name, done, min(done + CHUNK_BYTES, size))
                if not data:
                    raise FileNotFoundError(errno.ENOENT, "It ends before its end.", name)
                file.write(data)
                done += len(data)
                got(done)


def plain(name: str) -> str:
    """The name itself. Raises `ValueError` for one that could lead out of the storage."""
    if "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise ValueError("This name leads out of the storage.")
    return name


@contextmanager
def no_space() -> Iterator[None]:
    """Turns a full disk or quota into `no_space`."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise HalftoneError(ErrorCode.NO_SPACE) from error
        raise


def copy(path: Path, writer: Writer, sent: Callable[[int], None]) -> None:
    """Writes a local file and commits; whatever goes wrong, nothing stays."""
    done = 0
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                writer.write(data)
                done += len(data)
                sent(done)
        writer.commit()
    except BaseException:
        writer.abort()
        raise
