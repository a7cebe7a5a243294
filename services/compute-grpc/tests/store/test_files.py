from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from halftone_compute.store.base import no_check
from halftone_compute.store.files import LocalFiles, identity_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_disk_has_its_files_already(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"0123")
    files = LocalFiles()
    assert files.identity(path) == identity_of(os.stat(path))
    assert files.manifest(path, 3) == b"012"
    with files.held(tmp_path, [], no_check):
        assert not files.refetch(tmp_path, [])
    path.unlink()
    with pytest.raises(FileNotFoundError):
        files.identity(path)
