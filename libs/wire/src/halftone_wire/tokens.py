"""Cells as symbols and bits: runs of zeros, small numbers as they are, large ones as a range and the place in it.

| symbol | stands for | bits after it |
|---|---|---|
| 0 to 31 | a run of at least 2^symbol cells that are zero | symbol |
| 32 to 286 | a cell of 1 to 255 | none |
| 287 to 382 | a cell from 256 on: 4 ranges for each power of two | those of the place in the range |

Where many cells are not zero, each zero is a run of one, and cells are coded without a list of symbols between; where
few are, runs and cells are listed first. Compiled, once for each type of cells: uint8, uint16 and uint32.
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
# Numbers whose symbol needs no arithmetic.
_SMALL_NUMBERS = 256


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
def is_dense(filled: int, cells: int) -> bool:
    """Whether so many cells that are not zero are coded without runs."""
    return filled >= _DENSE * cells


@njit(nogil=True, cache=True)
def count_filled(cells: Array) -> int:
    """How many cells are not zero."""
    filled = 0
    for cell in cells:
        filled += cell != 0
    return filled


@njit(nogil=True, cache=True)
def count_cells(cells: Array, counts: Array) -> None:
    """Adds up how often each symbol comes where each cell has one.

    Into four lists in turn: a number that comes again at once would wait for its own count.
    """
    small = np.zeros((4, _SMALL_NUMBERS), np.int64)
    whole = cells.size // 4 * 4
    for first in range(0, cells.size, 4):
        for i in range(4 if first < whole else cells.size - whole):
            value: Any = np.int64(cells[first + i])
            if value < _SMALL_NUMBERS:
                small[i, value] += 1
            else:
                counts[_symbol_of(value)] += 1
    for value in range(_SMALL_NUMBERS):
        counts[_SMALL[value]] += small[:, value].sum()


@njit(nogil=True, cache=True)
def write_cells(cells: Array, lengths: Array, codes: Array, out: Array, bit: int) -> int:
    """Writes the code of each cell, and the bits after it, from a bit of `out` (uint32) on; returns the byte after."""
    entries = np.empty(_SMALL_NUMBERS, np.uint64)
    for value in range(_SMALL_NUMBERS):
        symbol = _SMALL[value]
        entries[value] = np.uint64(codes[symbol]) << np.uint64(8) | np.uint64(lengths[symbol])
    word, held, at = _begin(out, bit)
    pairs = cells.size // 2 * 2
    for i in range(0, pairs, 2):
        first, second = np.uint64(cells[i]), np.uint64(cells[i + 1])
        if (first | second) < np.uint64(_SMALL_NUMBERS):
            # Two codes of 12 bits fit into a word besides the 31 bits that may wait in it.
            a, b = entries[first], entries[second]
            length: Any = a & np.uint64(255)
            word |= (a >> np.uint64(8) | b >> np.uint64(8) << length) << held
            word, held, at = _flushed(word, held + length + (b & np.uint64(255)), at, out)
        else:
            word, held, at = _write_cell(np.int64(first), lengths, codes, word, held, at, out)
            word, held, at = _write_cell(np.int64(second), lengths, codes, word, held, at, out)
    if pairs < cells.size:
        word, held, at = _write_cell(np.int64(cells[pairs]), lengths, codes, word, held, at, out)
    return _end(word, held, at, out)


@njit(nogil=True, cache=True)
def _write_cell(
    value: np.int64, lengths: Array, codes: Array, word: np.uint64, held: np.uint64, at: np.uint64, out: Array
) -> tuple[np.uint64, np.uint64, np.uint64]:
    symbol = _symbol_of(value)
    # A zero is no more than its symbol says, which counts cells.
    rest = value - FIRSTS[symbol] if symbol > 0 else 0
    return _write_symbol(symbol, rest, lengths, codes, word, held, at, out)


@njit(nogil=True, cache=True)
def symbols_of(cells: Array, filled: int, counts: Array) -> tuple[Array, Array]:
    """The symbols of cells of which few are not zero, uint16, and the bits after each, uint32; adds up how often each
    comes.

    No test in the loop depends on the cells: that a processor can not foresee them would cost more than the work.
    """
    places = _places(cells, filled)
    symbols, rests = np.empty(2 * filled + 1, np.uint16), np.empty(2 * filled + 1, np.uint32)
    found, at = 0, 0
    for place in places:
        run = place - at
        symbol: Any = np.int64(_POWERS[run]) if run < _POWERS.size else _power(run)
        symbols[found] = symbol
        rests[found] = run - (1 << symbol)
        has_run: Any = np.int64(run > 0)
        counts[symbol] += has_run
        found += has_run
        value: Any = np.int64(cells[place])
        symbol = _symbol_of(value)
        symbols[found] = symbol
        rests[found] = value - FIRSTS[symbol]
        counts[symbol] += 1
        found += 1
        at = place + 1
    if at < cells.size:
        symbols[found] = _power(cells.size - at)
        rests[found] = cells.size - at - (1 << symbols[found])
        counts[symbols[found]] += 1
        found += 1
    return symbols[:found], rests[:found]


@njit(nogil=True, cache=True)
def _places(cells: Array, filled: int) -> Array:
    """The places of cells that are not zero, int64. Skips eight bytes of zeros together."""
    # One more: a place is written before it is known whether it counts.
    places = np.empty(filled + 1, np.int64)
    found = 0
    together = 8 // cells.itemsize
    whole = cells.size // together * together
    words = cells[:whole].view(np.uint64)
    for i in range(words.size):
        if words[i] != 0:
            for place in range(i * together, (i + 1) * together):
                places[found] = place
                found += cells[place] != 0
    for place in range(whole, cells.size):
        places[found] = place
        found += cells[place] != 0
    return places[:found]


@njit(nogil=True, cache=True)
def _symbol_of(value: np.int64) -> np.int64:
    """Of a cell; a zero is a run of one."""
    if value < _SMALL_NUMBERS:
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
def write_symbols(symbols: Array, rests: Array, lengths: Array, codes: Array, out: Array, bit: int) -> int:
    """Writes the code of each symbol and the bits after it, from a bit of `out` (uint32) on; returns the byte after."""
    word, held, at = _begin(out, bit)
    for i in range(symbols.size):
        word, held, at = _write_symbol(symbols[i], rests[i], lengths, codes, word, held, at, out)
    return _end(word, held, at, out)


@njit(nogil=True, cache=True)
def _write_symbol(
    symbol: int | np.int64,
    rest: int | np.int64,
    lengths: Array,
    codes: Array,
    word: np.uint64,
    held: np.uint64,
    at: np.uint64,
    out: Array,
) -> tuple[np.uint64, np.uint64, np.uint64]:
    word |= np.uint64(codes[symbol]) << held
    word, held, at = _flushed(word, held + np.uint64(lengths[symbol]), at, out)
    word |= np.uint64(rest) << held
    return _flushed(word, held + np.uint64(BITS[symbol]), at, out)


# What is not written yet is held in a word of 64 bits; `out` must go on for eight bytes behind what is written.


@njit(nogil=True, cache=True)
def _begin(out: Array, bit: int) -> tuple[np.uint64, np.uint64, np.uint64]:
    at, held = np.uint64(bit >> 5), np.uint64(bit & 31)
    return np.uint64(out[at]), held, at


@njit(nogil=True, cache=True)
def _flushed(word: np.uint64, held: np.uint64, at: np.uint64, out: Array) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Writes the lower half of the word, and drops it if it is full. There is no test: it would depend on the cells."""
    out[at] = np.uint32(word & np.uint64(0xFFFFFFFF))
    is_full = held >> np.uint64(5)
    return word >> (is_full << np.uint64(5)), held & np.uint64(31), at + is_full


@njit(nogil=True, cache=True)
def _end(word: np.uint64, held: np.uint64, at: np.uint64, out: Array) -> int:
    out[at] = np.uint32(word & np.uint64(0xFFFFFFFF))
    return int(4 * at + (held + np.uint64(7) >> np.uint64(3)))


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
