"""Huffman codes of limited length."""

import heapq

import numpy as np
from halftone_wire.prefix_code import LONGEST, codes_of, lengths_of, room_of, table_of
from hypothesis import given
from hypothesis import strategies as st

COUNTS = st.lists(st.one_of(st.just(0), st.integers(0, 10), st.integers(0, 10**9)), min_size=1, max_size=383)


def best(counts: list[int]) -> int:
    """Bits that the best prefix code takes: the sum of the inner weights of Huffman's tree."""
    heap = [count for count in counts if count]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        total += both
        heapq.heappush(heap, both)
    return total


@given(COUNTS)
def test_what_occurs_has_a_code_and_all_codes_have_room(counts: list[int]) -> None:
    lengths = lengths_of(np.array(counts))
    assert [bool(length) for length in lengths] == [bool(count) for count in counts]
    assert lengths.max(initial=0) <= LONGEST
    assert room_of(lengths) <= 1 << LONGEST
    if sum(map(bool, counts)) > 1:
        assert room_of(lengths) == 1 << LONGEST


@given(st.lists(st.integers(1, 60), min_size=2, max_size=60))
def test_codes_are_the_shortest_where_none_is_too_long(counts: list[int]) -> None:
    lengths = lengths_of(np.array(counts))
    assert int(np.sum(lengths * np.array(counts))) == best(counts)


@given(COUNTS)
def test_each_word_tells_the_symbol_whose_code_it_begins_with(counts: list[int]) -> None:
    lengths = lengths_of(np.array(counts))
    codes, table = codes_of(lengths), table_of(lengths)
    for symbol in np.flatnonzero(lengths):
        begins = np.arange(1 << LONGEST) & ((1 << lengths[symbol]) - 1) == codes[symbol]
        assert set(table[begins].tolist()) == {symbol * 16 + lengths[symbol]}
    assert np.count_nonzero(table) == room_of(lengths)


def test_nothing_has_no_codes() -> None:
    assert lengths_of(np.zeros(5, np.int64)).tolist() == [0] * 5
