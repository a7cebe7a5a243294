"""A window of lattice cells over some rows, and the Morton key of each row in it. Pure.

Square levels of a pair are (k + offset, k): cells of 2^(k + offset) by 2^k. Rows are ordered by the bits of their cells
from the highest on, y before x: halving y, then x, then y… gives every tile of the levels (k + offset, k) and
(k + offset + 1, k) as one run of rows. Highest bits that all rows share are left out, so that a key of 64 bits tells
apart cells of a 2^-31st of the rows' extent, wherever on the lattice they lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone_views.lattice import MIN_EXPONENT, cell_of

from halftone_compute.backends.lift import lift_of_level, per_unit
from halftone_compute.index import kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

# Bits of a cell in a key: two of these, and one bit more for each axis.
BITS = 31
KEY_BITS = 64
# (x0, x1, y0, y1): the least and the greatest value of each axis.
Bounds: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Side:
    """One axis. Cells lie in the aligned block of 2^bits cells that starts at `split` or, when the rows lie in two
    blocks, in that one and the one below it. `rank` is the bit of the lattice that tells the two apart. `is_one_cell`
    when all rows lie in one cell, whose number may be greater than any float64.
    """

    exponent: int
    split: int
    has_two: bool
    is_one_cell: bool
    rank: float


@dataclass(frozen=True, slots=True)
class Window:
    """`bits` of a cell are in a key, on each axis."""

    x: Side
    y: Side
    bits: int

    @classmethod
    def of(cls, bounds: Bounds, offset: int) -> Window:
        """The finest window that holds the bounds, which lie on the lattice (`MAX_COORDINATE`)."""
        x0, x1, y0, y1 = bounds
        # Cells of 2^MIN_EXPONENT tell all numbers apart: both axes may get that fine.
        k = int(max(_least(x0, x1) - offset, _least(y0, y1), MIN_EXPONENT - max(offset, 0)))
        (x_low, x_high), (y_low, y_high) = _ends(x0, x1, k + offset), _ends(y0, y1, k)
        # At most BITS: the ends of an extent of fewer than 2^BITS cells are at most 2^BITS cells apart.
        bits = max(_bits(x_low, x_high), _bits(y_low, y_high))
        return cls(_side(k + offset, x_low, x_high, bits), _side(k, y_low, y_high, bits), bits)

    def keys(self, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """uint64 of shape (rows,): ascending keys are the order of the rows. Coordinates are float64 within bounds."""
        out = np.empty(len(xs), np.uint64)
        x, y = self.x, self.y
        kernels.keys(xs, *_scale(x), x.has_two, ys, *_scale(y), y.has_two, self.bits, x.rank > y.rank, out)
        return out

    @property
    def key_bits(self) -> int:
        """How many of the low bits of a key are used."""
        return 2 * self.bits + 2

    def blocks(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """The aligned squares that hold the rows, in the order of keys: one, but for rows on both sides of zero.

        (exponent, index) of the extent on x, [index · 2^exponent, (index + 1) · 2^exponent), and of that on y.
        """
        bits = max(self.bits, *(int(side.rank) + 1 for side in (self.x, self.y) if math.isfinite(side.rank)), 0)
        xs, ys = (list(_squares(side, bits)) for side in (self.x, self.y))
        if self.x.rank > self.y.rank:
            yield from ((x, y) for x in xs for y in ys)
        else:
            yield from ((x, y) for y in ys for x in xs)


def _least(low: float, high: float) -> float:
    """The exponent of cells of which the extent holds fewer than 2^BITS; -inf when any are fine enough."""
    return -math.inf if low == high else math.frexp(high - low)[1] - BITS


def _ends(low: float, high: float, exponent: int) -> tuple[int, int]:
    return cell_of(low, exponent), cell_of(high, exponent)


def _bits(low: int, high: int) -> int:
    """Bits of a cell below those that all cells, or all of one half, share."""
    if low == high:
        return 0
    split = _split(low, high)
    return max((split - low - 1).bit_length(), (high - split).bit_length())


def _split(low: int, high: int) -> int:
    """The cell between `low` and `high`, or `high` itself, that is a multiple of the highest power of two."""
    if low < 0 <= high:
        return 0
    rank = (low ^ high).bit_length() - 1
    return (high >> rank) << rank


def _side(exponent: int, low: int, high: int, bits: int) -> Side:
    if low >> bits == high >> bits:
        return Side(exponent, (low >> bits) << bits, has_two=False, is_one_cell=low == high, rank=-1.0)
    rank = math.inf if low < 0 <= high else float((low ^ high).bit_length() - 1)
    return Side(exponent, _split(low, high), has_two=True, is_one_cell=False, rank=rank)


def _scale(side: Side) -> tuple[float, float, float]:
    """The lift of coordinates, the cells per unit of lifted ones, and the cell that the keys count from."""
    if side.is_one_cell:
        # Which it is tells no rows apart.
        return 0.0, 1.0, 0.0
    return lift_of_level(side.exponent), per_unit(side.exponent), float(side.split)


def _squares(side: Side, bits: int) -> Iterator[tuple[int, int]]:
    index = side.split >> bits
    if math.isinf(side.rank):
        yield side.exponent + bits, index - 1
    yield side.exponent + bits, index
