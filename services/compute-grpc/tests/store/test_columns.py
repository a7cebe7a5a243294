"""Columns are maps of files that have the right size."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import Made, error_code, read_blocks, write
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def test_blocks_are_maps_and_not_copies(made: Made) -> None:
    [block] = read_blocks(made, "a")
    assert type(block.values["a"]) is np.ndarray
    assert not block.values["a"].flags.owndata
    assert not block.values["a"].flags.writeable


@pytest.mark.parametrize("size", [0, 19, 21])
def test_a_wrong_size_is_corrupt_before_any_map(made: Made, size: int) -> None:
    os.truncate(made.file("c0.values"), size)
    with pytest.raises(HalftoneError) as caught:
        LocalStore(made.root).open(made.grant())
    assert caught.value.code == ErrorCode.DATA_CORRUPT


def test_a_file_truncated_after_opening_is_corrupt(made: Made) -> None:
    store = LocalStore(made.root)
    version = store.open(made.grant())
    assert len(list(version.blocks(["a"], None))) == 1
    os.truncate(made.file("c0.values"), 3)
    with pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None)
    assert caught.value.code == ErrorCode.DATA_CORRUPT


def test_a_missing_file_is_corrupt(made: Made) -> None:
    made.file("c0.values").unlink()
    assert error_code(made, "a") == ErrorCode.DATA_CORRUPT


def test_a_symbolic_link_in_place_of_a_file_is_corrupt(made: Made) -> None:
    made.file("c0.values").rename(made.root / "elsewhere")
    made.file("c0.values").symlink_to(made.root / "elsewhere")
    assert error_code(made, "a") == ErrorCode.DATA_CORRUPT


def test_rows_and_sizes_must_agree(tmp_path: Path) -> None:
    made = write(tmp_path, {"a": np.zeros(3, np.int32), "b": np.zeros(4, np.int32)})
    assert error_code(made, "a") == ErrorCode.DATA_CORRUPT


def test_a_wait_for_another_check_can_be_cancelled(made: Made) -> None:
    version = LocalStore(made.root).open(made.grant())

    def at_once() -> None:
        raise HalftoneError(ErrorCode.CANCELLED)

    with version._version._locks["a"], pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None, at_once)
    assert caught.value.code is ErrorCode.CANCELLED
