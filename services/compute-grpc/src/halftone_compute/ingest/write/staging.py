"""Where a version is written, and how it comes to be: all at once, or not at all.

An attempt writes into `datasets/<dataset>/versions/<version>/<token>.partial` and is renamed to `…/<token>` when
every byte of it is on disk. `token` is the job's fencing token, so two attempts never share a folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store import manifest as manifests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.store.manifest import Manifest

_SUFFIX = ".partial"


@dataclass(frozen=True, slots=True)
class Finished:
    """A version on disk. `path` is its manifest, relative to the storage root."""

    manifest: Manifest
    path: str
    sha256: str


class Staging:
    """The folders of one attempt at one version."""

    def __init__(self, root: Path, dataset_id: str, version_id: str, token: int) -> None:
        self._root = root
        self._version = root / "datasets" / str(UUID(dataset_id)) / "versions" / str(UUID(version_id))
        self._ids = (dataset_id, version_id)
        self._token = token
        self._final = self._version / str(token)
        self.folder = self._version / f"{token}{_SUFFIX}"

    def create(self) -> None:
        """An empty folder; what earlier attempts at this version left is removed. Raises OSError."""
        self._version.mkdir(parents=True, exist_ok=True)
        for entry in list(self._version.iterdir()):
            # A lower token can not publish any more. A higher one makes this very attempt the one that is too late.
            token = entry.name.removesuffix(_SUFFIX)
            if token.isdecimal() and int(token) < self._token:
                # The worker that lost its lease may be removing the same files.
                shutil.rmtree(entry, ignore_errors=True)
        self.folder.mkdir()

    def source(self, uri: str, told: Callable[[int, int], None]) -> Path:
        """The uploaded file on this disk; `told` hears bytes so far and in all while it comes, and may raise.

        Raises HalftoneError `not_found`.
        """
        root = self._root.resolve()
        source = (root / uri).resolve()
        if not source.is_relative_to(root) or not source.is_file():
            raise HalftoneError(ErrorCode.NOT_FOUND, "The uploaded file is gone.")
        return source

    def deliver(self, finished: Finished, told: Callable[[int, int], None]) -> None:
        """Brings a finished version to where it is read, likewise. Here it lies there already."""

    def discard(self) -> None:
        """Leaves nothing of this attempt behind. Raises OSError when something stays."""
        for folder in (self.folder, self._final):
            if folder.exists():
                shutil.rmtree(folder)

    def finish(self) -> Finished:
        """Makes the written folder final. Raises OSError, and `parser_crash` when its parts do not fit together."""
        raw = (self.folder / manifests.FILE_NAME).read_bytes()
        manifest = self._checked(raw)
        _sync(self.folder)
        os.rename(self.folder, self._final)
        folder = self._version
        while folder != self._root.parent:
            _sync(folder)
            folder = folder.parent
        path = (self._final / manifests.FILE_NAME).relative_to(self._root)
        return Finished(manifest, str(path), hashlib.sha256(raw).hexdigest())

    def _checked(self, raw: bytes) -> Manifest:
        """The child that wrote this read a stranger's file: what it says is compared with what is there."""
        manifest = manifests.load(raw)
        sizes = {file.file: file.bytes for column in manifest.columns for file in column.files.values()}
        found = {
            entry.name: entry.stat(follow_symlinks=False).st_size
            for entry in os.scandir(self.folder)
            if entry.is_file(follow_symlinks=False) and entry.name != manifests.FILE_NAME
        }
        if found != sizes or (manifest.dataset_id, manifest.version_id) != self._ids:
            raise HalftoneError(ErrorCode.PARSER_CRASH)
        return manifest


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
