"""Columns on a device: whole runs, nothing where there is no number, and keys that keep the order of floats."""

import numpy as np
import pytest
from compute_rig.host_device import HostDevice, HostMemory
from halftone_compute.backends.card.columns import (
    TYPES,
    EmptyColumn,
    Lattice,
    Placing,
    floats_of,
    lattice_bytes,
    numbers_bytes,
    value_kind,
)
from halftone_compute.store.base import Block
from halftone_views.lattice import cell_of
from hypothesis import given
from hypothesis import strategies as st

NO_CELL = np.iinfo(np.int32).min


def placing() -> tuple[Placing[HostMemory], HostDevice]:
    device = HostDevice()
    return Placing(device, device.allocate), device


def read(device: HostDevice, memory: HostMemory, dtype: type[np.generic]) -> np.ndarray:
    found = np.zeros(memory.size // np.dtype(dtype).itemsize, dtype)
    device.download(memory, found)
    return found


def test_coordinates_become_lattice_integers() -> None:
    values = np.array([1.5, -2.25, np.nan, np.inf, 3.0, -np.inf], np.float32)
    place, device = placing()
    lattice = place.lattice(Block(0, {"x": values}, {}), "x")
    assert isinstance(lattice, Lattice)
    found = read(device, lattice.integers, np.int32)
    quantum = lattice.quantum
    assert (quantum.least, quantum.greatest) == (-2.25, 3.0)
    expected = [cell_of(x, quantum.exponent) - quantum.base if np.isfinite(x) else NO_CELL for x in values.tolist()]
    assert found.tolist() == expected + [NO_CELL] * 10
    assert read(device, lattice.zones, np.int32).tolist() == [0, expected[4]]
    assert lattice.integers.size + lattice.zones.size == lattice_bytes(len(values))


def test_each_tile_of_rows_has_its_zone() -> None:
    values = np.arange(10_000.0)
    values[4096:8192] = np.nan
    place, device = placing()
    lattice = place.lattice(Block(0, {"x": values}, {}), "x")
    assert isinstance(lattice, Lattice)
    found = read(device, lattice.integers, np.int32)
    zones = read(device, lattice.zones, np.int32).reshape(-1, 2).tolist()
    assert zones[0] == [found[0], found[4095]]
    assert zones[1] == [np.iinfo(np.int32).max, NO_CELL]
    assert zones[2] == [found[8192], found[9999]]


def test_nulls_of_an_integer_axis_lie_nowhere() -> None:
    place, device = placing()
    block = Block(0, {"x": np.array([0, 7, 9])}, {"x": np.array([False, True, True])})
    lattice = place.lattice(block, "x")
    assert isinstance(lattice, Lattice)
    assert lattice.quantum.least == 7.0
    assert read(device, lattice.integers, np.int32)[0] == NO_CELL
    assert np.isnan(read(device, place.axis(block, "x").values, np.float64)[0])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_column_without_a_finite_number_lies_nowhere(value: float) -> None:
    place, _ = placing()
    assert isinstance(place.lattice(Block(0, {"x": np.full(5, value)}, {}), "x"), EmptyColumn)


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        ("i1", "i32"),
        ("u2", "i32"),
        ("i4", "i32"),
        ("u4", "i64"),
        ("i8", "i64"),
        ("u8", "u64"),
        ("f4", "f32"),
        ("f8", "f64"),
    ],
)
def test_values_keep_every_bit(stored: str, kind: str) -> None:
    dtype = np.dtype(stored)
    bounds = np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(dtype)
    values = np.array([bounds.min, bounds.max, 1], dtype)
    place, device = placing()
    placed = place.value(Block(0, {"v": values}, {"v": np.array([True, False, True])}), "v")
    assert placed.kind == kind == value_kind(dtype)
    found = read(device, placed.values, TYPES[kind])
    assert found[:3].tolist() == values.tolist()
    assert placed.valid is not None
    assert read(device, placed.valid, np.uint8).tolist() == [1, 0, 1] + [0] * 13
    assert placed.values.size + placed.valid.size == numbers_bytes(3, kind, has_valid=True)


def test_rows_that_fill_up_have_no_category() -> None:
    place, device = placing()
    placed = place.codes(Block(0, {"c": np.array([3, 0], np.int32)}, {}), "c")
    assert read(device, placed.values, np.int32).tolist() == [3, 0] + [-1] * 14


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_keys_of_float64_turn_back(values: list[float]) -> None:
    found = np.array(values)
    bits = found.view(np.uint64)
    keys = np.where(bits >> np.uint64(63), ~bits, bits | np.uint64(1 << 63))
    assert floats_of(keys).view(np.uint64).tolist() == bits.tolist()
    assert floats_of(np.sort(keys)).tolist() == sorted(values)


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=1))
def test_keys_of_float32_turn_back(values: list[float]) -> None:
    bits = np.array(values, np.float32).view(np.uint32)
    keys = np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(1 << 31))
    assert floats_of(keys).view(np.uint32).tolist() == bits.tolist()
