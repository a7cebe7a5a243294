"""Every flipped byte is found, and a column is hashed once."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import Made, error_code, read_blocks, write
from halftone_compute.store import checksums
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_column_is_read_once_for_its_checksum(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    real = checksums._sha256

    def counted(descriptor: int, progress: checksums.HashProgress, check: Callable[[], None]) -> str:
        hashed.append(descriptor)
        return real(descriptor, progress, check)

    monkeypatch.setattr(checksums, "_sha256", counted)
    version = LocalStore(made.root).open(made.grant())
    threads = [threading.Thread(target=lambda: list(version.blocks(["a"], None))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashed) == 1


def test_a_check_that_was_cancelled_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_CHUNK", 100)
    made = write(tmp_path, {"a": np.arange(1000, dtype=np.int8)}, {})
    version = LocalStore(made.root).open(made.grant())
    looks = 0

    def third_time() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise HalftoneError(ErrorCode.CANCELLED)

    with pytest.raises(HalftoneError) as caught:
        version.blocks(["a"], None, third_time)
    assert caught.value.code is ErrorCode.CANCELLED
    [block] = version.blocks(["a"], None, third_time)
    # Three chunks of ten were hashed the first time, seven the second.
    assert looks == 10
    np.testing.assert_array_equal(block.values["a"], np.arange(1000, dtype=np.int8))


def test_damage_is_found_after_a_cancelled_check_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_CHUNK", 100)
    made = write(tmp_path, {"a": np.zeros(1000, np.int8)}, {})
    column = next(made.root.rglob("*0.values"))
    column.write_bytes(b"\1" + column.read_bytes()[1:])
    store = LocalStore(made.root)

    def at_once() -> None:
        raise HalftoneError(ErrorCode.CANCELLED)

    with pytest.raises(HalftoneError):
        store.open(made.grant()).blocks(["a"], None, at_once)
    assert error_code(made, "a", store=store) is ErrorCode.DATA_CORRUPT


@pytest.mark.parametrize("place", [0, 4, 9])
def test_a_flipped_byte_is_corrupt_and_other_columns_go_on(made: Made, place: int) -> None:
    data = bytearray(made.file("c1.values").read_bytes())
    data[place * 8] ^= 0x10
    made.file("c1.values").write_bytes(data)
    assert error_code(made, "a", "b") == ErrorCode.DATA_CORRUPT
    assert len(read_blocks(made, "a")) == 1


def test_a_flipped_validity_byte_is_corrupt(made: Made) -> None:
    data = bytearray(made.file("c2.valid").read_bytes())
    data[3] ^= 1
    made.file("c2.valid").write_bytes(data)
    assert error_code(made, "c") == ErrorCode.DATA_CORRUPT


def test_a_byte_flipped_after_the_first_use_is_corrupt(made: Made) -> None:
    store = LocalStore(made.root)
    assert len(read_blocks(made, "a", store=store)) == 1
    data = bytearray(made.file("c0.values").read_bytes())
    data[0] ^= 1
    made.file("c0.values").write_bytes(data)
    os.utime(made.file("c0.values"), ns=(1, 1))
    assert error_code(made, "a", store=store) == ErrorCode.DATA_CORRUPT
