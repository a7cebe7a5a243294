"""Huffman codes of at most 12 bits: their lengths from counts, and the codes of given lengths.

Codes are canonical (RFC 1951, 3.2.2): the lengths alone say them. They are written lowest bit first, so a code is kept
with its first bit lowest. Compiled; `lengths` and `codes` have shape (symbols,), and a length of 0 stands for a symbol
that does not occur.
"""

# Numba reads these functions' arguments, not their annotations; `Any` keeps the signatures typed for callers.
from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, np.dtype[Any]]

# Bits of the longest code; a table of all words of so many bits decodes a symbol in one step.
LONGEST = 12


@njit(nogil=True, cache=True)
def lengths_of(counts: Array) -> Array:
    """Bits of the code of each symbol, int64. Frequent symbols get short ones."""
    lengths = np.zeros(counts.size, np.int64)
    used = np.flatnonzero(counts)
    if used.size == 1:
        lengths[used[0]] = 1
    if used.size > 1:
        rising = _sorted(used, counts)
        depths = _depths(counts[rising])
        for i in range(rising.size):
            lengths[rising[i]] = min(depths[i], LONGEST)
        _fit(lengths, rising)
    return lengths


@njit(nogil=True, cache=True)
def _sorted(used: Array, counts: Array) -> Array:
    """Symbols by their counts, the rarest first. There are few, and NumPy's sort takes seconds to compile."""
    for last in range(1, used.size):
        symbol = used[last]
        at = last
        while at > 0 and counts[used[at - 1]] > counts[symbol]:
            used[at] = used[at - 1]
            at -= 1
        used[at] = symbol
    return used


@njit(nogil=True, cache=True)
def _depths(weights: Array) -> Array:
    """Depths of the leaves of a Huffman tree, for weights in rising order; by two queues, as both stay sorted."""
    leaves = weights.size
    nodes = 2 * leaves - 1
    weight = np.zeros(nodes, np.int64)
    weight[:leaves] = weights
    parent = np.zeros(nodes, np.int64)
    leaf, inner = 0, leaves
    for node in range(leaves, nodes):
        for _ in range(2):
            is_leaf = leaf < leaves and (inner >= node or weight[leaf] <= weight[inner])
            child = leaf if is_leaf else inner
            leaf, inner = leaf + is_leaf, inner + (not is_leaf)
            weight[node] += weight[child]
            parent[child] = node
    depths = np.zeros(nodes, np.int64)
    for node in range(nodes - 2, -1, -1):
        depths[node] = depths[parent[node]] + 1
    return depths[:leaves]


@njit(nogil=True, cache=True)
def _fit(lengths: Array, rising: Array) -> None:
    """Lengthens codes until all have room, the rarest first; then the most frequent take what room is left."""
    room = (1 << LONGEST) - room_of(lengths)
    at = 0
    while room < 0:
        symbol = rising[at]
        if lengths[symbol] < LONGEST:
            lengths[symbol] += 1
            room += 1 << (LONGEST - lengths[symbol])
        else:
            at += 1
    at = rising.size - 1
    while at >= 0:
        symbol = rising[at]
        more = 1 << (LONGEST - lengths[symbol])
        if lengths[symbol] > 1 and more <= room:
            lengths[symbol] -= 1
            room -= more
        else:
            at -= 1


@njit(nogil=True, cache=True)
def room_of(lengths: Array) -> int:
    """How many of the 4,096 words of 12 bits the codes take."""
    room = 0
    for length in lengths:
        if length > 0:
            room += 1 << (LONGEST - length)
    return room


@njit(nogil=True, cache=True)
def codes_of(lengths: Array) -> Array:
    """The codes, int64, first bit lowest. `lengths` must take at most all words."""
    codes = np.zeros(lengths.size, np.int64)
    code = 0
    for length in range(1, LONGEST + 1):
        code <<= 1
        for symbol in range(lengths.size):
            if lengths[symbol] == length:
                codes[symbol] = _reversed(code, length)
                code += 1
    return codes


@njit(nogil=True, cache=True)
def _reversed(code: int, bits: int) -> int:
    turned = 0
    for _ in range(bits):
        turned = (turned << 1) | (code & 1)
        code >>= 1
    return turned


@njit(nogil=True, cache=True)
def table_of(lengths: Array) -> Array:
    """The symbol (times 16) and the length of the code that each word of 12 bits begins with, uint16; 0: no code."""
    table = np.zeros(1 << LONGEST, np.uint16)
    codes = codes_of(lengths)
    for symbol in range(lengths.size):
        length = lengths[symbol]
        if length > 0:
            table[codes[symbol] :: 1 << length] = symbol * 16 + length
    return table
