from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import write
from halftone_compute.settings import ComputeSettings
from halftone_compute.store.open import open_store
from halftone_servicekit.storage import StorageAddress, open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_servicekit.testing_objects import ObjectStore


@pytest.mark.parametrize("kind", ["file", "s3"])
def test_one_version_through_either_setting(
    kind: str, object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write(tmp_path / "made", {"a": np.arange(9)})
    environment = {"HALFTONE_STORAGE": f"file://{tmp_path}/made"}
    if kind == "s3":
        prefix = str(uuid.uuid4())
        environment = object_store.environment(prefix)
        storage = open_storage(object_store.address(prefix))
        for path in made.file("manifest.json").parent.iterdir():
            storage.put(path, str(path.relative_to(tmp_path / "made")))
        storage.close()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    store = open_store(ComputeSettings(home=tmp_path / "home"))
    [block] = store.open(made.grant()).blocks(["a"], None)
    np.testing.assert_array_equal(block.values["a"], np.arange(9))
    copies = [path.name for path in (tmp_path / "home" / "cache" / "versions").rglob("*.values")]
    assert copies == ([] if kind == "file" else ["c0.values"])


def test_an_address_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="HALFTONE_STORAGE"):
        open_store(ComputeSettings(home=tmp_path, storage="ftp://x"))
    assert StorageAddress(f"file://{tmp_path}").is_local
