from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from halftone_compute.store.base import go_on
from halftone_compute.store.supply import OnDisk, identity

if TYPE_CHECKING:
    from pathlib import Path


def test_a_disk_has_its_files_already(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"0123")
    supply = OnDisk()
    assert supply.identity(path) == identity(os.stat(path))
    assert supply.manifest(path, 3) == b"012"
    with supply.held(tmp_path, [], go_on):
        assert not supply.again(tmp_path, [])
    path.unlink()
    with pytest.raises(FileNotFoundError):
        supply.identity(path)
