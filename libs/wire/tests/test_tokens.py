"""Cells as symbols."""

import numpy as np
import pytest
from halftone_wire.tokens import BITS, FIRSTS, RUNS, SYMBOLS, count_cells, count_filled, symbols_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays


def read(cells: np.ndarray) -> tuple[list[int], list[tuple[int, int]]]:
    """Cells out of the symbols of cells, and the symbols with the bits after each."""
    counts = np.zeros(SYMBOLS, np.int64)
    symbols, rests = symbols_of(cells, count_filled(cells), counts)
    assert counts.tolist() == np.bincount(symbols, minlength=SYMBOLS).tolist()
    pairs = list(zip(symbols.tolist(), rests.tolist(), strict=True))
    back: list[int] = []
    for symbol, rest in pairs:
        assert rest < 1 << BITS[symbol]
        number = int(FIRSTS[symbol]) + rest
        back += [0] * number if symbol < RUNS else [number]
    return back, pairs


@given(arrays.arrays(np.uint32, st.integers(1, 300), fill=st.just(0)))
def test_symbols_say_every_cell(cells: np.ndarray) -> None:
    assert read(cells)[0] == cells.tolist()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@given(st.data())
def test_small_numbers_too(dtype: type, data: st.DataObject) -> None:
    cells = data.draw(arrays.arrays(dtype, st.integers(1, 100), elements=st.integers(0, 2)))
    assert read(cells)[0] == cells.tolist()


@given(arrays.arrays(np.uint16, st.integers(1, 70), elements=st.integers(0, 600)))
def test_counts_of_cells_without_runs(cells: np.ndarray) -> None:
    counts = np.zeros(SYMBOLS, np.int64)
    count_cells(cells, counts)
    found = [int(np.flatnonzero(number >= FIRSTS)[-1]) if number else 0 for number in cells.tolist()]
    assert counts.tolist() == np.bincount(found, minlength=SYMBOLS).tolist()


@pytest.mark.parametrize("size", [1, 2, 1023, 1024, 1025, 70_000])
def test_a_run_of_zeros_is_one_symbol(size: int) -> None:
    cells = np.zeros(size + 1, np.uint32)
    cells[-1] = 7
    _, pairs = read(cells)
    assert len(pairs) == (2 if size > 3 else len(pairs))
    assert pairs[-1] == (RUNS - 1 + 7, 0)


@pytest.mark.parametrize("number", [1, 255, 256, 319, 320, 1000, 2**20, 2**32 - 1])
def test_ranges_of_large_numbers_follow_one_another(number: int) -> None:
    back, pairs = read(np.array([number], np.uint32))
    assert back == [number]
    ((symbol, _),) = pairs
    assert FIRSTS[symbol] <= number < FIRSTS[symbol] + (1 << BITS[symbol])
