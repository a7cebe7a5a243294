"""Staging for object storage: downloads the uploaded file, and uploads the version made from it.

A bucket has no rename. Every file of a version is uploaded under its final name, the manifest last: a version exists
once its manifest does. Files without one belong to an attempt, and the next attempt removes them.
"""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.storage.base import ignore
from typing_extensions import override

from halftone_compute.ingest.write.staging import UPLOAD, Staging
from halftone_compute.store import manifest as manifests
from halftone_compute.store.base import no_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_servicekit.storage import Storage

    from halftone_compute.ingest.write.staging import StagedVersion


class RemoteStaging(Staging):
    """An attempt that is written in `scratch`, a folder of this process alone, and published in `storage`."""

    def __init__(
        self, storage: Storage, scratch: Path, dataset_id: str, version_id: str, token: int, max_bytes: int
    ) -> None:
        super().__init__(scratch, dataset_id, version_id, token)
        self._storage = storage
        self._max_bytes = max_bytes
        self._attempts = self._version.relative_to(scratch).as_posix()
        self._source = self._version / "source"

    @override
    def source(self, uri: str, on_progress: Callable[[int, int], None]) -> Path:
        fetch_source(self._storage, uri, self._source, self._max_bytes, on_progress)
        return self._source

    @override
    def published(self, uri: str) -> bytes:
        try:
            return self._storage.read(uri)
        except (FileNotFoundError, ValueError) as error:
            raise HalftoneError(ErrorCode.NOT_FOUND, "The version is gone.") from error

    @override
    def bring(self, uri: str, name: str) -> None:
        try:
            self._storage.fetch(uri, self.folder / name, ignore)
        except FileNotFoundError as error:
            raise HalftoneError(ErrorCode.NOT_FOUND, "The version is gone.") from error

    @override
    def create(self, check: Callable[[], None] = no_check) -> bool:
        is_taken = super().create(check)
        for name in self._storage.children(self._attempts):
            if name.isdecimal() and int(name) < self._token:
                self._storage.remove(f"{self._attempts}/{name}")
        return is_taken

    @override
    def deliver(self, staged: StagedVersion, on_progress: Callable[[int, int], None]) -> None:
        # The source is no longer needed, and takes disk space.
        _remove(self._source)
        files = staged.manifest.files
        total, before = sum(file.bytes for file in files), 0
        on_progress(0, total)
        for file in files:
            self._put(file.file, partial(_add_offset, on_progress, before, total))
            before += file.bytes
        on_progress(total, total)
        self._put(manifests.FILE_NAME, ignore)
        shutil.rmtree(self._version)

    @override
    def discard(self) -> None:
        if self._version.exists():
            shutil.rmtree(self._version)
        self._storage.remove(f"{self._attempts}/{self._token}")

    def _put(self, name: str, on_sent: Callable[[int], None]) -> None:
        self._storage.put(self._final / name, f"{self._attempts}/{self._token}/{name}", on_sent)


def fetch_source(
    storage: Storage, uri: str, path: Path, max_bytes: int, on_progress: Callable[[int, int], None]
) -> None:
    """Copies an uploaded file, or the folder of a set, to `path`. Raises HalftoneError `not_found`, and
    `too_large_uncompressed`.
    """
    try:
        files = _uploaded(storage, uri)
    except (FileNotFoundError, ValueError) as error:
        raise HalftoneError(ErrorCode.NOT_FOUND, "The uploaded file is gone.") from error
    total, done = sum(files.values()), 0
    if total > max_bytes:
        raise HalftoneError(ErrorCode.TOO_LARGE_UNCOMPRESSED)
    _remove(path)
    on_progress(0, total)
    for name, size in files.items():
        place = path / name if name else path
        place.parent.mkdir(parents=True, exist_ok=True)
        storage.fetch(f"{uri}/{name}".rstrip("/"), place, partial(_add_offset, on_progress, done, total))
        done += size


def is_uploaded(storage: Storage, uri: str) -> bool:
    """Whether an uploaded file, or a set of them, is still there."""
    try:
        return bool(_uploaded(storage, uri))
    except FileNotFoundError:
        return False


def _uploaded(storage: Storage, uri: str) -> dict[str, int]:
    """Bytes by name below `uri`; a file itself has the empty name. Raises FileNotFoundError, ValueError."""
    if storage.exists(uri):
        return {"": storage.size(uri)}
    found = storage.entries(uri) if UPLOAD.fullmatch(uri) else []
    files = {name: size for name, size in found if size is not None}
    if not files:
        raise FileNotFoundError(uri)
    return files


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _add_offset(on_progress: Callable[[int, int], None], before: int, total: int, sent: int) -> None:
    on_progress(before + sent, total)


def scratch_folder(home: Path) -> Path:
    """An empty folder of this process. Folders of processes that have ended are removed."""
    base = home.resolve() / "scratch"
    base.mkdir(parents=True, exist_ok=True)
    for old in base.iterdir():
        # In a restarted container, this process has the id of the one before.
        if old.name == str(os.getpid()) or not os.path.exists(f"/proc/{old.name}"):
            shutil.rmtree(old, ignore_errors=True)
    folder = base / str(os.getpid())
    folder.mkdir()
    return folder
