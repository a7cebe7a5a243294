"""Checksums of files: computed once for each file as it lies on disk, in bounded memory, and resumable."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from halftone_servicekit.errors import HalftoneError

from halftone_compute.store.files import FileIdentity, identity_of
from halftone_compute.store.manifest import corrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.store.data_file import DataFile

_CHUNK = 1 << 20


class HashProgress:
    """How far a file was hashed."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.offset = 0


class VerifiedFiles:
    """The SHA-256 of files that were hashed, by device and identity."""

    _CAPACITY = 100_000

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, FileIdentity], str] = OrderedDict()
        self._unfinished: OrderedDict[tuple[int, FileIdentity], HashProgress] = OrderedDict()
        self._lock = threading.Lock()

    def require(self, file: DataFile, descriptor: int, check: Callable[[], None]) -> None:
        """Raises HalftoneError `data_corrupt` for a file that is not what the manifest says; what `check` raises."""
        stat = os.fstat(descriptor)
        key = (stat.st_dev, identity_of(stat))
        if stat.st_size != file.bytes:
            raise corrupt("A file of this version has the wrong size.")
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = self._hashed(key, descriptor, check)
        if known != file.sha256:
            raise corrupt("A file of this version is damaged.")

    def _hashed(self, key: tuple[int, FileIdentity], descriptor: int, check: Callable[[], None]) -> str:
        with self._lock:
            progress = self._unfinished.pop(key, None) or HashProgress()
        try:
            known = _sha256(descriptor, progress, check)
        except HalftoneError:
            # The next request resumes here.
            with self._lock:
                self._unfinished[key] = progress
                if len(self._unfinished) > self._CAPACITY:
                    self._unfinished.popitem(last=False)
            raise
        with self._lock:
            self._known[key] = known
            if len(self._known) > self._CAPACITY:
                self._known.popitem(last=False)
        return known


def _sha256(descriptor: int, progress: HashProgress, check: Callable[[], None]) -> str:
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while count := os.preadv(descriptor, [buffer], progress.offset):
        progress.digest.update(view[:count])
        progress.offset += count
        check()
    return progress.digest.hexdigest()
