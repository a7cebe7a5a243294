"""Files that are synced while others are written."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from halftone_compute.store.hashed_file import HashedFile
from halftone_compute.store.syncing import Syncing

if TYPE_CHECKING:
    from pathlib import Path


def test_all_files_are_on_disk_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    files = [HashedFile(tmp_path, name) for name in "ab"]
    with Syncing() as syncing:
        for file in files:
            file.write(b"12")
        described = [syncing.finish(file) for file in files]
    assert [(each.file, each.bytes) for each in described] == [("a", 2), ("b", 2)]
    assert synced == [(tmp_path / name).stat().st_ino for name in "ab"]


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)), Syncing() as syncing:
        syncing.finish(HashedFile(tmp_path, "a"))


def test_an_error_of_the_block_is_the_one_that_is_raised(tmp_path: Path) -> None:
    def work() -> None:
        with Syncing() as syncing:
            syncing.finish(HashedFile(tmp_path, "a"))
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
