"""The cache: which blocks it keeps, in which form, and how it makes room."""

import numpy as np
import pytest
from compute_rig.host_device import HostDevice
from halftone_compute.backends.base import EngineError
from halftone_compute.backends.card.column_cache import ColumnCache
from halftone_compute.store.base import Block

COLUMNS = {"x": np.arange(20.0), "c": np.arange(20, dtype=np.int32)}


def test_each_form_of_a_column_is_kept_beside_the_others() -> None:
    cache = ColumnCache(HostDevice(), 1 << 20)
    block = Block(0, COLUMNS, {}, "version")
    lattice, axis, value = cache.lattice(block, "x"), cache.axis(block, "x"), cache.value(block, "x")
    assert cache.lattice(block, "x") is lattice
    assert cache.axis(block, "x") is axis
    assert cache.value(block, "x") is value
    assert axis is not value
    assert cache.codes(block, "c") is cache.codes(block, "c")
    assert cache.bytes == (4 * 32 + 8) + 8 * 32 + 8 * 32 + 4 * 32


def test_blocks_without_a_version_are_not_kept() -> None:
    cache = ColumnCache(HostDevice(), 1 << 20)
    block = Block(0, COLUMNS, {})
    assert cache.axis(block, "x") is not cache.axis(block, "x")
    assert cache.bytes == 0


def test_an_allocation_that_fails_is_tried_again_without_what_was_kept() -> None:
    device = HostDevice()
    cache = ColumnCache(device, 1 << 20)
    cache.axis(Block(0, COLUMNS, {}, "version"), "x")
    failures = iter([EngineError("out_of_memory", "full")])

    def once(size: int) -> None:
        for failure in failures:
            raise failure

    device.gate = once
    assert cache.allocate(8).size == 8
    assert (cache.bytes, device.trims) == (0, 1)


def test_a_lost_card_is_not_asked_again() -> None:
    asked = []

    def lost(size: int) -> None:
        asked.append(size)
        raise EngineError("card_lost", "driver")

    with pytest.raises(EngineError):
        ColumnCache(HostDevice(gate=lost), 1 << 20).allocate(8)
    assert asked == [8]
