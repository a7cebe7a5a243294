"""Lattice integers: how the numbers of a column become int32 once, so that the cell of any level is a shift.

A number x is q = floor(x / 2^exponent) - base. Its cell on a level e >= exponent is (q + base) >> (e - exponent): a
floor of a floor is a floor. Pure integer arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from halftone_views.lattice import cell_of

# Lattice integers span less than 2^31 values, and all of them with their base lie within int64.
_SPAN_BITS = 30
_WIDE_BITS = 62
# 2^-exponent and the exponent itself stay normal float64 numbers.
_FINEST = -1000
# The longest shift: with the widest region a cell's edges still fit into int64.
_LONGEST_SHIFT = 32


@dataclass(frozen=True, slots=True)
class Quantum:
    """How a block of a column became lattice integers, and its least and greatest finite number."""

    exponent: int
    base: int
    least: float
    greatest: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the cells of a region lie among lattice integers: cell i begins at low + i·2^shift."""

    low: int
    shift: int


def quantum_of(least: float, greatest: float) -> Quantum:
    """The finest quantum that holds every number from `least` to `greatest`, both finite."""
    spread = _bits(greatest / 2 - least / 2) + 1
    size = _bits(max(abs(least), abs(greatest)))
    exponent = max(spread - _SPAN_BITS, size - _WIDE_BITS, _FINEST)
    return Quantum(exponent, cell_of(least, exponent), least, greatest)


def cut_of(quantum: Quantum, exponent: int, first: int) -> Cut | None:
    """The cells of level `exponent` from cell `first` on; None when the integers are too coarse or far too fine."""
    shift = exponent - quantum.exponent
    if not 0 <= shift <= _LONGEST_SHIFT:
        return None
    return Cut((first << shift) - quantum.base, shift)


def meets(quantum: Quantum, exponent: int, first: int, cells: int) -> bool:
    """Whether a number can lie in one of so many cells from `first` on."""
    return cell_of(quantum.greatest, exponent) >= first and cell_of(quantum.least, exponent) < first + cells


def _bits(value: float) -> int:
    """The least e with value < 2^e; very small for zero."""
    return math.frexp(value)[1] if value else _FINEST
