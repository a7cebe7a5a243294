"""Cells in few bytes, and back: Huffman codes of numbers and of runs of zeros, as docs/protocol.md says.

Where a plane holds small whole numbers, most of what it says is which cells are empty and which small number the others
have: that is what is coded here. Other types are taken apart, so that bytes of the same rank lie together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from halftone_wire.prefix_code import LONGEST, codes_of, lengths_of, room_of, table_of
from halftone_wire.tokens import (
    BITS,
    SYMBOLS,
    count_cells,
    count_filled,
    is_dense,
    read_symbols,
    symbols_of,
    write_cells,
    write_symbols,
)

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

# Unsigned numbers of these sizes are coded whole.
_WHOLE = (np.dtype("<u1"), np.dtype("<u2"), np.dtype("<u4"))
# How a section begins.
_ZEROS, _CELLS, _CODED = b"\x00", b"\x01", b"\x02"
# Stands for several unused symbols, in a list of lengths.
_UNUSED = 15
# A sample whose numbers are all about equally often: the bytes of noise are, and coding them would save nothing.
_SAMPLE = 4096
_EVEN = _SAMPLE * _SAMPLE // 200 + _SAMPLE


def packed(flat: np.ndarray) -> bytes:
    """The bytes of CODEC_PACKED. `flat` is of shape (cells,), C-contiguous, of a dtype of the wire."""
    if flat.dtype in _WHOLE:
        return _section(flat)
    by_rank = flat.view(np.uint8).reshape(-1, flat.itemsize).T
    return b"".join(_section(np.ascontiguousarray(section)) for section in by_rank)


def unpacked(data: bytes, dtype: np.dtype[Any], cells: int) -> np.ndarray:
    """The cells, shape (cells,). The memory it takes depends on `cells` alone. Raises ValueError for damaged data."""
    if dtype in _WHOLE:
        flat, at = _read_section(data, 0, dtype, cells)
    else:
        by_rank, at = np.empty((cells, dtype.itemsize), np.uint8), 0
        for rank in range(dtype.itemsize):
            by_rank[:, rank], at = _read_section(data, at, np.dtype(np.uint8), cells)
        flat = by_rank.reshape(-1).view(dtype)
    if at != len(data):
        raise ValueError("packed cells go on behind their end")
    return flat


def warm_up() -> None:
    """Compiles what packing and unpacking take, so that no request waits for it."""
    for dtype in _WHOLE:
        cells = (np.arange(_SAMPLE) % 200).astype(dtype)
        unpacked(packed(cells), cells.dtype, cells.size)


def _section(cells: np.ndarray) -> bytes:
    coded = np.empty(0, np.uint8) if cells.itemsize == 1 and _is_noise(cells) else _coded(cells)
    if coded.size:
        return _CODED + coded.tobytes()
    return _CELLS + cells.tobytes() if cells.any() else _ZEROS


def _read_section(data: bytes, at: int, dtype: np.dtype[Any], cells: int) -> tuple[np.ndarray, int]:
    """The cells of a section, and the place after it."""
    kind, at = data[at : at + 1], at + 1
    if kind == _ZEROS:
        return np.zeros(cells, dtype), at
    if kind == _CELLS and at + cells * dtype.itemsize <= len(data):
        return np.frombuffer(data, dtype, cells, at), at + cells * dtype.itemsize
    wide = np.zeros(cells, np.uint32)
    end = _decoded(np.frombuffer(data, np.uint8), at, np.iinfo(dtype).max, wide) if kind == _CODED else -1
    if end < 0:
        raise ValueError("packed cells are damaged")
    return wide.astype(dtype, copy=False), end


@njit(nogil=True, cache=True)
def _coded(cells: Array) -> Array:
    """Codes, behind the list of their lengths; empty where they would take as much as the cells, or all are zero."""
    counts = np.zeros(SYMBOLS, np.int64)
    filled = count_filled(cells)
    if filled == 0:
        return np.empty(0, np.uint8)
    if is_dense(filled, cells.size):
        count_cells(cells, counts)
        lengths = lengths_of(counts)
        out, begin = _out_for(counts, lengths, cells.nbytes)
        end = write_cells(cells, lengths, codes_of(lengths), out, begin) if out.size else 0
    else:
        symbols, rests = symbols_of(cells, filled, counts)
        lengths = lengths_of(counts)
        out, begin = _out_for(counts, lengths, cells.nbytes)
        end = write_symbols(symbols, rests, lengths, codes_of(lengths), out, begin) if out.size else 0
    return out.view(np.uint8)[: end if end < cells.nbytes else 0]


@njit(nogil=True, cache=True)
def _out_for(counts: Array, lengths: Array, most: int) -> tuple[Array, int]:
    """Room for codes, uint32, that begins with the list of their lengths, and the bit after it; none where they would
    take `most` bytes.
    """
    bits = 0
    for symbol in range(SYMBOLS):
        bits += counts[symbol] * (lengths[symbol] + BITS[symbol])
    if bits >= 8 * most:
        return np.empty(0, np.uint32), 0
    # The list of lengths takes at most three half bytes for each symbol.
    out = np.zeros((2 + 2 * SYMBOLS + bits // 8 + 12) // 4, np.uint32)
    return out, _write_lengths(lengths, out.view(np.uint8))


@njit(nogil=True, cache=True)
def _is_noise(cells: Array) -> bool:
    """Whether a sample has all bytes about equally often."""
    if cells.size < _SAMPLE:
        return False
    counts = np.zeros(256, np.int64)
    step = cells.size // _SAMPLE
    for i in range(_SAMPLE):
        counts[cells[i * step]] += 1
    return bool(np.sum(counts * counts) < _EVEN)


@njit(nogil=True, cache=True)
def _write_lengths(lengths: Array, out: Array) -> int:
    """How many symbols follow, then half a byte for each; returns the bit after the last."""
    listed = np.flatnonzero(lengths)[-1] + 1
    out[0], out[1] = listed & 255, listed >> 8
    half, symbol = 4, 0
    while symbol < listed:
        unused = symbol
        while lengths[unused] == 0 and unused - symbol < 256:
            unused += 1
        skipped = unused - symbol
        if skipped > 2:
            half = _write_half(out, half, _UNUSED)
            half = _write_half(out, half, (skipped - 1) & 15)
            half = _write_half(out, half, (skipped - 1) >> 4)
            symbol = unused
        else:
            half = _write_half(out, half, lengths[symbol])
            symbol += 1
    return half * 4


@njit(nogil=True, cache=True)
def _write_half(out: Array, half: int, value: int) -> int:
    out[half >> 1] |= np.uint8(value << (4 * (half & 1)))
    return half + 1


@njit(nogil=True, cache=True)
def _decoded(data: Array, at: int, largest: int, cells: Array) -> int:
    """Fills `cells`, which are zero, from `at` on; returns the place after what it read, -1 for damaged data."""
    lengths = np.zeros(SYMBOLS, np.int64)
    bit = _read_lengths(data, at, lengths)
    if bit < 0 or room_of(lengths) > 1 << LONGEST:
        return -1
    return read_symbols(data, bit, table_of(lengths), largest, cells)


@njit(nogil=True, cache=True)
def _read_lengths(data: Array, at: int, lengths: Array) -> int:
    """Fills `lengths` from the list at `at`; returns the bit after it, -1 for damaged data."""
    if at + 2 > data.size:
        return -1
    listed = np.int64(data[at]) + 256 * np.int64(data[at + 1])
    half, symbol = 2 * at + 4, 0
    while symbol < listed and symbol < SYMBOLS:
        length = _half(data, half)
        half += 1
        if length == _UNUSED:
            symbol += _half(data, half) + 16 * _half(data, half + 1) + 1
            half += 2
        elif length <= LONGEST:
            lengths[symbol] = length
            symbol += 1
        else:
            return -1
    return half * 4 if symbol == listed and symbol <= SYMBOLS else -1


@njit(nogil=True, cache=True)
def _half(data: Array, half: int) -> int:
    """Half a byte; behind the end, one that is no length."""
    if half >= 2 * data.size:
        return LONGEST + 1
    return int((np.int64(data[half >> 1]) >> (4 * (half & 1))) & 15)
