"""Columns on the GPU: how the host's arrays are laid out there, and how coordinates become lattice integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from halftone_compute.backends.card.batch import tiles_of, whole_runs
from halftone_compute.backends.card.quantum import Quantum, quantum_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.backends.card.device import Device
    from halftone_compute.store.base import Block

Memory = TypeVar("Memory")

# struct Column of kernels.cu.
PLACED = np.dtype(
    [
        *((name, np.uint64) for name in ("from", "lattice", "zones", "bounds")),
        ("rows", np.int64),
        ("per_unit", np.float64),
        ("base", np.int64),
    ]
)
_ZONE = np.array([(np.iinfo(np.int32).max, np.iinfo(np.int32).min)], np.dtype("i4,i4"))
# What a value of each stored type is on the GPU; its name is the suffix of the kernels.
_KINDS = {
    **dict.fromkeys(("int8", "uint8", "int16", "uint16", "int32"), "i32"),
    **dict.fromkeys(("uint32", "int64"), "i64"),
    "uint64": "u64",
    "float32": "f32",
    "float64": "f64",
}
TYPES: dict[str, type[np.generic]] = {
    "f32": np.float32,
    "f64": np.float64,
    "i32": np.int32,
    "i64": np.int64,
    "u64": np.uint64,
}


@dataclass(frozen=True, slots=True)
class Lattice(Generic[Memory]):
    """Coordinates as int32 lattice integers, with the least and greatest of each tile of rows; `size` in bytes."""

    integers: Memory
    zones: Memory
    quantum: Quantum
    size: int


@dataclass(frozen=True, slots=True)
class EmptyColumn:
    """What a column without any finite number becomes."""


@dataclass(frozen=True, slots=True)
class Numbers(Generic[Memory]):
    """Numbers as they are, padded to whole runs; `kind` as in kernels.cu. `valid`: bytes, 1 for a value.

    `size`: the bytes of both.
    """

    values: Memory
    kind: str
    size: int
    valid: Memory | None = None


def value_kind(dtype: np.dtype[np.generic]) -> str:
    """The kernel suffix for values of a stored type."""
    return _KINDS[dtype.name]


def axis_kind(block: Block, name: str) -> str:
    """f32 for float32; everything else is read as float64, which holds every integer that can be an axis."""
    return "f32" if block.values[name].dtype == np.float32 else "f64"


def lattice_bytes(rows: int) -> int:
    """What `Placing.lattice` takes."""
    return 4 * whole_runs(rows) + 8 * tiles_of(rows)


def numbers_bytes(rows: int, kind: str, *, has_valid: bool = False) -> int:
    """What `Placing.axis`, `value` or `codes` take."""
    return whole_runs(rows) * (np.dtype(TYPES[kind]).itemsize + has_valid)


class Placing(Generic[Memory]):
    """Puts columns of a block on a device. `allocate` may make room first. Raises EngineError."""

    def __init__(self, device: Device[Memory], allocate: Callable[[int], Memory]) -> None:
        self._device = device
        self._allocate = allocate

    def lattice(self, block: Block, name: str) -> Lattice[Memory] | EmptyColumn:
        """The lattice integers of a column."""
        kind = axis_kind(block, name)
        numbers = self.axis(block, name)
        rows = whole_runs(len(block.values[name]))
        bounds = self._bounds(numbers, kind, rows)
        if bounds is None:
            return EmptyColumn()
        quantum = quantum_of(*bounds)
        zones = self._put(np.repeat(_ZONE, tiles_of(rows)))
        placed = Lattice(self._allocate(4 * rows), zones, quantum, lattice_bytes(rows))
        entry = self._entry(numbers, rows)
        entry["lattice"], entry["zones"] = map(self._device.address, (placed.integers, placed.zones))
        entry["per_unit"], entry["base"] = 2.0**-quantum.exponent, quantum.base
        self._device.launch(f"quantise_{kind}", self._put(entry), tiles_of(rows), 1)
        return placed

    def axis(self, block: Block, name: str) -> Numbers[Memory]:
        """A column as coordinates, NaN where there is none."""
        kind = axis_kind(block, name)
        padded = _padded(block.values[name], TYPES[kind], np.nan)
        if name in block.valid:
            padded[: len(block.valid[name])][~block.valid[name]] = np.nan
        return Numbers(self._put(padded), kind, numbers_bytes(len(padded), kind))

    def value(self, block: Block, name: str) -> Numbers[Memory]:
        """A column as values."""
        kind = value_kind(block.values[name].dtype)
        values = self._put(_padded(block.values[name], TYPES[kind], 0))
        valid = self._put(_padded(block.valid[name], np.uint8, 0)) if name in block.valid else None
        size = numbers_bytes(len(block.values[name]), kind, has_valid=name in block.valid)
        return Numbers(values, kind, size, valid)

    def codes(self, block: Block, name: str) -> Numbers[Memory]:
        """A column of category codes, -1 for rows that fill up."""
        codes = _padded(block.values[name], np.int32, -1)
        return Numbers(self._put(codes), "i32", numbers_bytes(len(codes), "i32"))

    def _bounds(self, numbers: Numbers[Memory], kind: str, rows: int) -> tuple[float, float] | None:
        found = np.zeros(2, np.uint64)
        memory = self._allocate(found.nbytes)
        self._device.clear(memory)
        entry = self._entry(numbers, rows)
        entry["bounds"] = self._device.address(memory)
        self._device.launch(f"bounds_{kind}", self._put(entry), tiles_of(rows), 1)
        self._device.download(memory, found)
        if not found[0]:
            return None
        greatest, least = floats_of(np.array([found[0], ~found[1]])).tolist()
        return least, greatest

    def _entry(self, numbers: Numbers[Memory], rows: int) -> np.ndarray:
        entry = np.zeros(1, PLACED)
        entry["from"], entry["rows"] = self._device.address(numbers.values), rows
        return entry

    def _put(self, array: np.ndarray) -> Memory:
        memory = self._allocate(array.nbytes)
        self._device.upload(memory, array)
        return memory


def floats_of(keys: np.ndarray) -> np.ndarray:
    """Numbers of their keys, float64 of uint64, float32 of uint32: undoes `double_key`, `float_key` of kernels.cu."""
    high = high_bit(keys)
    return np.where(keys & high, keys ^ high, ~keys).view(f"f{keys.dtype.itemsize}")


def high_bit(keys: np.ndarray) -> np.unsignedinteger[Any]:
    """What tells the keys of numbers below zero, in their type."""
    bit: np.unsignedinteger[Any] = keys.dtype.type(1 << (keys.dtype.itemsize * 8 - 1))
    return bit


def _padded(values: np.ndarray, dtype: type[np.generic], fill: float) -> np.ndarray:
    padded = np.empty(whole_runs(len(values)), dtype)
    padded[: len(values)] = values
    padded[len(values) :] = fill
    return padded
