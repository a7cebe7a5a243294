"""Object storage for an attempt at a version: the source comes here, and what was made of it goes there.

A bucket has no rename. Every file of a version goes up under its final name, the manifest last: a version is there
once its manifest is, and what lies there without one is an attempt that somebody removes.
"""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage.base import ignore
from typing_extensions import override

from halftone_compute.ingest.write.staging import Staging
from halftone_compute.store import manifest as manifests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_servicekit.storage import Storage

    from halftone_compute.ingest.write.staging import Finished


class RemoteStaging(Staging):
    """An attempt that is written in `scratch`, a folder of this worker alone, and published in `storage`."""

    def __init__(
        self, storage: Storage, scratch: Path, dataset_id: str, version_id: str, token: int, most: int
    ) -> None:
        super().__init__(scratch, dataset_id, version_id, token)
        self._storage = storage
        self._most = most
        self._attempts = self._version.relative_to(scratch).as_posix()
        self._source = self._version / "source"

    @override
    def source(self, uri: str, told: Callable[[int, int], None]) -> Path:
        try:
            size = self._storage.size(uri)
        except (FileNotFoundError, ValueError) as error:
            raise HalftoneError(ErrorCode.NOT_FOUND, "The uploaded file is gone.") from error
        if size > self._most:
            raise HalftoneError(ErrorCode.TOO_LARGE_UNCOMPRESSED)
        self._version.mkdir(parents=True, exist_ok=True)
        self._source.unlink(missing_ok=True)
        told(0, size)
        self._storage.fetch(uri, self._source, lambda got: told(got, size))
        return self._source

    @override
    def create(self) -> None:
        super().create()
        for name in self._storage.children(self._attempts):
            if name.isdecimal() and int(name) < self._token:
                self._storage.remove(f"{self._attempts}/{name}")

    @override
    def deliver(self, finished: Finished, told: Callable[[int, int], None]) -> None:
        # What it was made of is not needed any more, and takes room.
        self._source.unlink(missing_ok=True)
        files = [file for column in finished.manifest.columns for file in column.files.values()]
        total, before = sum(file.bytes for file in files), 0
        told(0, total)
        for file in files:
            self._put(file.file, partial(_offset, told, before, total))
            before += file.bytes
        told(total, total)
        self._put(manifests.FILE_NAME, ignore)
        shutil.rmtree(self._version)

    @override
    def discard(self) -> None:
        if self._version.exists():
            shutil.rmtree(self._version)
        self._storage.remove(f"{self._attempts}/{self._token}")

    def _put(self, name: str, sent: Callable[[int], None]) -> None:
        self._storage.put(self._final / name, f"{self._attempts}/{self._token}/{name}", sent)


def _offset(told: Callable[[int, int], None], before: int, total: int, sent: int) -> None:
    told(before + sent, total)


def scratch_folder(home: Path) -> Path:
    """An empty folder of this process; those of processes that have ended are removed."""
    base = home.resolve() / "scratch"
    base.mkdir(parents=True, exist_ok=True)
    for old in base.iterdir():
        # In a container the process before had our number.
        if old.name == str(os.getpid()) or not os.path.exists(f"/proc/{old.name}"):
            shutil.rmtree(old, ignore_errors=True)
    folder = base / str(os.getpid())
    folder.mkdir()
    return folder
