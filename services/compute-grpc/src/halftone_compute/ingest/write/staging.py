"""Where a version is written, so that it appears whole or not at all.

An attempt writes into `datasets/<dataset>/versions/<version>/<token>.partial`, which is renamed to `…/<token>` once
every byte is on disk. `token` is the job's fencing token, so two attempts never share a folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.store import manifest as manifests
from halftone_compute.store.base import no_check
from halftone_compute.store.checksums import VerifiedFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.store.manifest import Manifest

# Of an upload: a file, or the folder of a set. No other folder is read.
UPLOAD = re.compile(r"uploads/[^/]+/source")
_SUFFIX = ".partial"


@dataclass(frozen=True, slots=True)
class StagedVersion:
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

    def create(self, check: Callable[[], None] = no_check) -> bool:
        """Makes the folder, and removes what earlier attempts at this version left. Raises OSError.

        True: the folder holds the files of an earlier attempt, which had converted the whole file. They are read for
        their checksums, and `check` ends that by raising.
        """
        self._version.mkdir(parents=True, exist_ok=True)
        is_taken = False
        # The newest first.
        for entry in sorted(self._version.iterdir(), key=_token_of, reverse=True):
            # A lower token can no longer publish. A higher one belongs to the attempt that replaced this one.
            if not 0 <= _token_of(entry) < self._token:
                continue
            if not is_taken and self._is_whole(entry, check):
                entry.rename(self.folder)
                is_taken = True
            else:
                # The worker that lost the lease may remove the same files at the same time.
                shutil.rmtree(entry, ignore_errors=True)
        if not is_taken:
            self.folder.mkdir()
        return is_taken

    def _is_whole(self, folder: Path, check: Callable[[], None]) -> bool:
        """Whether a folder has a manifest of this version, and all files that it names: their order has new checksums,
        so that damage would never be found.
        """
        verified = VerifiedFiles()
        try:
            manifest = manifests.load((folder / manifests.FILE_NAME).read_bytes())
            for each in manifest.files:
                with (folder / each.file).open("rb") as file:
                    verified.require(each, file.fileno(), check)
        except (OSError, HalftoneError):
            return False
        return (manifest.dataset_id, manifest.version_id) == self._ids

    def source(self, uri: str, on_progress: Callable[[int, int], None]) -> Path:
        """The uploaded file on this disk. While it is copied, `on_progress` gets the bytes so far and in all, and ends
        the copy by raising.

        Raises HalftoneError `not_found`.
        """
        return local_source(self._root, uri)

    def published(self, uri: str) -> bytes:
        """A manifest of the storage. Raises HalftoneError `not_found`."""
        return local_source(self._root, uri).read_bytes()

    def bring(self, uri: str, name: str) -> None:
        """Puts a published file into the folder, under another name. Raises OSError, and HalftoneError `not_found`."""
        source = local_source(self._root, uri)
        try:
            # Published files never change: a second name for one takes no disk space.
            os.link(source, self.folder / name)
        except OSError:
            # Not every file system has such names.
            shutil.copyfile(source, self.folder / name)

    def begin(self, manifest: Manifest) -> None:
        """Describes the files in the folder as those of the version of this attempt."""
        dataset_id, version_id = self._ids
        own = replace(manifest, dataset_id=dataset_id, version_id=version_id)
        (self.folder / manifests.FILE_NAME).write_bytes(manifests.dump(own))

    def deliver(self, staged: StagedVersion, on_progress: Callable[[int, int], None]) -> None:
        """Copies a finished version to the storage, likewise. This folder is the storage, so nothing is copied."""

    def discard(self) -> None:
        """Removes all files of this attempt. Raises OSError when one stays."""
        for folder in (self.folder, self._final):
            if folder.exists():
                shutil.rmtree(folder)

    def finish(self) -> StagedVersion:
        """Syncs the written folder to disk and makes it final.

        Raises OSError, and `parser_crash` when files and manifest contradict.
        """
        raw = (self.folder / manifests.FILE_NAME).read_bytes()
        manifest = self._checked(raw)
        for name in (*(file.file for file in manifest.files), manifests.FILE_NAME):
            _sync(self.folder / name)
        _sync(self.folder)
        os.rename(self.folder, self._final)
        folder = self._version
        while folder != self._root.parent:
            _sync(folder)
            folder = folder.parent
        path = (self._final / manifests.FILE_NAME).relative_to(self._root)
        return StagedVersion(manifest, str(path), hashlib.sha256(raw).hexdigest())

    def _checked(self, raw: bytes) -> Manifest:
        """The manifest, compared with the files: the child that wrote both read an untrusted file."""
        manifest = manifests.load(raw)
        sizes = {file.file: file.bytes for file in manifest.files}
        found = {
            entry.name: entry.stat(follow_symlinks=False).st_size
            for entry in os.scandir(self.folder)
            if entry.is_file(follow_symlinks=False) and entry.name != manifests.FILE_NAME
        }
        if found != sizes or (manifest.dataset_id, manifest.version_id) != self._ids:
            raise HalftoneError(ErrorCode.PARSER_CRASH)
        return manifest


def _token_of(entry: Path) -> int:
    """The token of an attempt's folder; -1 for anything else."""
    token = entry.name.removesuffix(_SUFFIX)
    return int(token) if token.isdecimal() else -1


def local_source(root: Path, uri: str) -> Path:
    """An uploaded file, or the folder of a set, in the storage `root`. Raises HalftoneError `not_found`."""
    root = root.resolve()
    source = (root / uri).resolve()
    is_there = source.is_file() or (source.is_dir() and UPLOAD.fullmatch(uri) is not None)
    if not source.is_relative_to(root) or not is_there:
        raise HalftoneError(ErrorCode.NOT_FOUND, "The uploaded file is gone.")
    return source


def _sync(path: Path) -> None:
    """Syncs a file or a folder to disk. What is there already costs next to nothing."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
