"""Compiled loops of statistics: keys counted by digit, registers of hashes."""

# Numba reads these functions' arguments, not their annotations; `Any` keeps the signatures typed for callers.
from typing import Any

import numpy as np
from numba import njit

from halftone_compute.backends.cpu.kernels import cell

Array = np.ndarray[Any, np.dtype[Any]]


@njit(nogil=True, cache=True)
def lattice_cells(at: Array, per_unit: float, first: float, width: int, out: Array) -> None:
    """The lattice cell of each place, counted from `first`; -1 outside."""
    for i in range(at.shape[0]):
        place = cell(at[i], per_unit, first)
        out[i] = np.int64(place) if 0.0 <= place < width else -1


@njit(nogil=True, cache=True)
def free_cells(at: Array, low: float, high: float, scale: float, translate: float, width: int, out: Array) -> None:
    """The cell of each place in a closed free viewport, by Datashader's formula; -1 outside."""
    for i in range(at.shape[0]):
        if low <= at[i] <= high:
            out[i] = min(np.int64(at[i] * scale + translate), width - 1)
        else:
            out[i] = -1


@njit(nogil=True, cache=True)
def float_keys(bits: Array, out: Array) -> None:
    """Keys in the order of float64 numbers, of their bits."""
    sign = np.uint64(1 << 63)
    for i in range(bits.shape[0]):
        out[i] = ~bits[i] if bits[i] & sign else bits[i] | sign


@njit(nogil=True, cache=True)
def count_digits(cells: Array, keys: Array, prefixes: Array, above: int, shift: int, counts: Array) -> None:
    """Counts in `counts` (cells, digits) the digit of each key from bit `shift` on, of keys that begin with the prefix
    of their cell: the bits from `above` on.
    """
    mask = np.uint64(counts.shape[1] - 1)
    for i in range(keys.shape[0]):
        at = cells[i]
        if at < 0:
            continue
        # A shift by 64 bits is none.
        if above < 64 and keys[i] >> np.uint64(above) != prefixes[at]:
            continue
        counts[at, np.int64((keys[i] >> np.uint64(shift)) & mask)] += 1


@njit(nogil=True, cache=True)
def begin_as(cells: Array, keys: Array, prefixes: Array, above: int, out: Array) -> None:
    """Whether the bits of a key from `above` (below 64) on are the prefix of its cell."""
    for i in range(keys.shape[0]):
        out[i] = cells[i] >= 0 and keys[i] >> np.uint64(above) == prefixes[cells[i]]


@njit(nogil=True, cache=True)
def add_hashes(cells: Array, keys: Array, bits: int, registers: Array) -> None:
    """Registers (cells, 2^bits) of HyperLogLog: of each the most zeros that begin the rest of a hash, and one.

    Hashes are by the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
    generators").
    """
    for i in range(keys.shape[0]):
        if cells[i] < 0:
            continue
        mixed = keys[i] + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
        register = np.int64(mixed >> np.uint64(64 - bits))
        rest = mixed << np.uint64(bits)
        rank = 1
        while rank <= 64 - bits and not (rest >> np.uint64(63)):
            rest = rest << np.uint64(1)
            rank += 1
        if rank > registers[cells[i], register]:
            registers[cells[i], register] = rank


def warm_up() -> None:
    """Compiles these loops, so that no request waits for it."""
    cells, keys, flags = np.zeros(1, np.int64), np.zeros(1, np.uint64), np.zeros(1, np.bool_)
    lattice_cells(np.zeros(1), 1.0, 0.0, 1, cells)
    free_cells(np.zeros(1), 0.0, 1.0, 1.0, 0.0, 1, cells)
    float_keys(keys, keys)
    count_digits(cells, keys, keys, 64, 0, np.zeros((1, 256), np.int64))
    begin_as(cells, keys, keys, 8, flags)
    add_hashes(cells, keys, 12, np.zeros((1, 1 << 12), np.uint8))
