"""Columns of stored blocks on the GPU: placed when a task first asks for them, kept within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, cast

from halftone_compute.backends.base import EngineError
from halftone_compute.backends.card.byte_lru import ByteLru
from halftone_compute.backends.card.columns import (
    EmptyColumn,
    Lattice,
    Numbers,
    Placing,
    axis_kind,
    lattice_bytes,
    numbers_bytes,
    value_kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.backends.card.device import Device
    from halftone_compute.store.base import Block

Memory = TypeVar("Memory")
Form = TypeVar("Form")


class ColumnCache(Generic[Memory]):
    """What of the data lies on a device, at most `budget` bytes. For several threads. Raises EngineError."""

    def __init__(self, device: Device[Memory], budget: int) -> None:
        self.device = device
        self._kept = ByteLru(budget)
        self._placing = Placing(device, self.allocate)

    @property
    def bytes(self) -> int:
        """What is kept now."""
        return self._kept.bytes

    def allocate(self, size: int) -> Memory:
        """Room on the device; what is kept there goes before a task is refused."""
        try:
            return self.device.allocate(size)
        except EngineError as error:
            if error.reason != "out_of_memory":
                raise
        self.clear()
        return self.device.allocate(size)

    def clear(self) -> None:
        """Gives everything back to the device."""
        self._kept.evict_all()
        self.device.trim()

    def lattice(self, block: Block, name: str) -> Lattice[Memory] | EmptyColumn:
        """Coordinates as lattice integers."""
        return self._get(block, name, "lattice", self._placing.lattice, _lattice_size)

    def axis(self, block: Block, name: str) -> Numbers[Memory]:
        """Coordinates as they are."""
        return self._get(block, name, "axis", self._placing.axis, _axis_size)

    def value(self, block: Block, name: str) -> Numbers[Memory]:
        """Values."""
        return self._get(block, name, "value", self._placing.value, _value_size)

    def codes(self, block: Block, name: str) -> Numbers[Memory]:
        """Category codes."""
        return self._get(block, name, "codes", self._placing.codes, _codes_size)

    def _get(
        self, block: Block, name: str, form: str, place: Callable[[Block, str], Form], size: Callable[[Block, str], int]
    ) -> Form:
        if not block.version:
            return place(block, name)
        key = (block.version, block.start, len(block.values[name]), name, form)
        found = self._kept.find(key)
        if found is not None:
            return cast("Form", found)
        return self._kept.get(key, size(block, name), lambda: place(block, name))


def _lattice_size(block: Block, name: str) -> int:
    return lattice_bytes(len(block.values[name]))


def _axis_size(block: Block, name: str) -> int:
    return numbers_bytes(len(block.values[name]), axis_kind(block, name))


def _value_size(block: Block, name: str) -> int:
    values = block.values[name]
    return numbers_bytes(len(values), value_kind(values.dtype), has_valid=name in block.valid)


def _codes_size(block: Block, name: str) -> int:
    return numbers_bytes(len(block.values[name]), "i32")
