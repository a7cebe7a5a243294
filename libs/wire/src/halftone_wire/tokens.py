"""Cells as symbols and bits: runs of zeros, small numbers as they are, large ones as a range and the place in it.

| symbol | stands for | bits after it |
|---|---|---|
| 0 to 31 | a run of at least 2^symbol cells that are zero | symbol |
| 32 to 286 | a cell of 1 to 255 | none |
| 287 to 382 | a cell from 256 on: 4 ranges for each power of two | those of the place in the range |

Compiled, for cells of uint32 only, because each further type takes seconds to compile. `symbols` (uint16) and `rests`
(uint32) have a place for each cell.
"""

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, np.dtype[Any]]

RUNS = 32
_LARGE = RUNS + 255
SYMBOLS = _LARGE + 96
# Above it cells are mostly not zero, and a symbol for each zero costs less than finding runs.
_DENSE = 0.3
# Bits after a code that fit into a word of 64 together with it and with what is not written yet.
_SHORT = 64 - 31 - 12


def _ranges() -> tuple[Array, Array]:
    firsts, bits = np.zeros(SYMBOLS, np.int64), np.zeros(SYMBOLS, np.int64)
    firsts[:RUNS], bits[:RUNS] = 1 << np.arange(RUNS), np.arange(RUNS)
    firsts[RUNS:_LARGE] = np.arange(1, 256)
    power, quarter = np.divmod(np.arange(96), 4)
    bits[_LARGE:] = power + 6
    firsts[_LARGE:] = (4 + quarter) << bits[_LARGE:]
    return firsts, bits


# By symbol: the least number it stands for, and the bits that follow it.
FIRSTS, BITS = _ranges()
# The symbols of cells up to 255.
_SMALL = np.concatenate((np.zeros(1), np.arange(255) + RUNS)).astype(np.uint16)
# The greatest power of two up to each short run.
_POWERS = np.frexp(np.maximum(np.arange(1024), 1))[1].astype(np.uint8) - np.uint8(1)


@njit(nogil=True, cache=True)
def symbols_of(cells: Array, symbols: Array, rests: Array, counts: Array) -> int:
    """Fills `symbols` and `rests`, and adds up how often each symbol comes; returns how many there are."""
    if np.count_nonzero(cells) < _DENSE * cells.size:
        return _with_runs(cells, symbols, rests, counts)
    for i in range(cells.size):
        value: Any = np.int64(cells[i])
        symbol = _symbol_of(value)
        symbols[i] = symbol
        # A zero is no more than its symbol says, which counts cells.
        rests[i] = value - FIRSTS[symbol] if symbol > 0 else 0
        counts[symbol] += 1
    return int(cells.size)


@njit(nogil=True, cache=True)
def _with_runs(cells: Array, symbols: Array, rests: Array, counts: Array) -> int:
    """No test in the loop depends on the cells: that a processor can not foresee them would cost more than the work."""
    places = np.empty(cells.size, np.int64)
    filled = _filled(cells, places)
    found, at = 0, 0
    for i in range(filled):
        run = places[i] - at
        symbol: Any = np.int64(_POWERS[run]) if run < _POWERS.size else _power(run)
        symbols[found] = symbol
        rests[found] = run - (1 << symbol)
        has_run: Any = np.int64(run > 0)
        counts[symbol] += has_run
        found += has_run
        value: Any = np.int64(cells[places[i]])
        symbol = _symbol_of(value)
        symbols[found] = symbol
        rests[found] = value - FIRSTS[symbol]
        counts[symbol] += 1
        found += 1
        at = places[i] + 1
    if at < cells.size:
        symbols[found] = _power(cells.size - at)
        rests[found] = cells.size - at - (1 << symbols[found])
        counts[symbols[found]] += 1
        found += 1
    return found


@njit(nogil=True, cache=True)
def _filled(cells: Array, places: Array) -> int:
    """Fills `places` with those of cells that are not zero; returns how many there are. Skips eight zeros together."""
    filled = 0
    for first in range(0, cells.size, 8):
        group = cells[first : first + 8]
        together = np.uint32(0)
        for cell in group:
            together |= cell
        if together != 0:
            for i in range(group.size):
                places[filled] = first + i
                filled += group[i] != 0
    return filled


@njit(nogil=True, cache=True)
def _symbol_of(value: np.int64) -> np.int64:
    """Of a cell; a zero is a run of one."""
    if value < 256:
        return np.int64(_SMALL[value])
    power = np.int64(_power(value))
    return _LARGE + 4 * (power - 8) + ((value >> (power - 2)) & 3)


@njit(nogil=True, cache=True)
def _power(value: int | np.int64) -> int:
    """The greatest power of two up to a number from 1 on."""
    power = 0
    while value >> (power + 1):
        power += 1
    return power


@njit(nogil=True, cache=True)
def write_symbols(symbols: Array, rests: Array, found: int, lengths: Array, codes: Array, out: Array, bit: int) -> int:
    """Writes the code of each symbol and the bits after it, from a bit of `out` on; returns the byte after the last.

    Writes four bytes at a time: `out` must go on for eight bytes behind what is written.
    """
    at, held = bit >> 3, bit & 7
    word: Any = np.uint64(out[at]) if held else np.uint64(0)
    for i in range(found):
        symbol = symbols[i]
        word |= np.uint64(codes[symbol]) << np.uint64(held)
        held += lengths[symbol]
        if BITS[symbol] > _SHORT:
            word, held, at = _flush(word, held, at, out)
        word |= np.uint64(rests[i]) << np.uint64(held)
        held += BITS[symbol]
        word, held, at = _flush(word, held, at, out)
    for part in range(4):
        out[at + part] = np.uint8(word >> np.uint64(8 * part))
    return at + ((held + 7) >> 3)


@njit(nogil=True, cache=True)
def _flush(word: np.uint64, held: int, at: int, out: Array) -> tuple[np.uint64, int, int]:
    """Writes half of a word of 64 bits once it is full."""
    if held >= 32:
        for part in range(4):
            out[at + part] = np.uint8(word >> np.uint64(8 * part))
        return word >> np.uint64(32), held - 32, at + 4
    return word, held, at


@njit(nogil=True, cache=True)
def read_symbols(data: Array, bit: int, table: Array, largest: int, cells: Array) -> int:
    """Fills `cells`, which are zero, from a bit of `data` on; returns the byte after the last, -1 for damaged data."""
    at = (bit >> 3) + 1
    held = 8 - (bit & 7)
    word = np.uint64(data[bit >> 3]) >> np.uint64(bit & 7) if at <= data.size else np.uint64(0)
    filled = 0
    while filled < cells.size:
        while held <= 48:
            if at < data.size:
                word |= np.uint64(data[at]) << np.uint64(held)
            at += 1
            held += 8
        entry = np.int64(table[np.int64(word & np.uint64(4095))])
        length, symbol = entry & 15, entry >> 4
        more = BITS[symbol]
        value = FIRSTS[symbol] + np.int64((word >> np.uint64(length)) & np.uint64((1 << more) - 1))
        word >>= np.uint64(length + more)
        held -= length + more
        if length == 0 or held < 0 or at - (held >> 3) > data.size:
            return -1
        if symbol < RUNS:
            if value > cells.size - filled:
                return -1
            filled += value
        else:
            if value > largest:
                return -1
            cells[filled] = value
            filled += 1
    return at - (held >> 3)
