"""Windows of cells and the keys of rows in them, against cells and their order in Python integers."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from compute_rig.ordered import OFFSETS, PAIRS, cells_at, exact_order
from halftone_compute.index.sort import bounds_of
from halftone_compute.index.window import BITS, KEY_BITS, Window
from hypothesis import example, given

Pair = tuple[np.ndarray, np.ndarray]
STRADDLING = np.array([2.0**40 - 0.25, 2.0**40, 2.0**40 + 0.25])


@given(PAIRS, OFFSETS)
@example((STRADDLING, np.array([-1e-9, 1e-9, 0.0])), 0)
@example((STRADDLING, STRADDLING * 4), 2)
@example((np.array([-1.0, 1.0]), np.array([1.0, -1.0])), 0)
def test_keys_are_in_the_exact_order_of_cells(pair: Pair, offset: int) -> None:
    xs, ys = pair
    window = Window.of(bounds_of(xs, ys), offset)
    keys = window.keys(xs, ys).tolist()
    cells = cells_at(xs, ys, window.x.exponent, window.y.exponent)
    for (key, cell), (other_key, other) in combinations(zip(keys, cells, strict=True), 2):
        expected = exact_order(cell, other)
        assert (key > other_key) - (key < other_key) == (expected > 0) - (expected < 0)


@given(PAIRS, OFFSETS)
def test_a_window_has_square_cells_and_as_many_bits_as_a_key_holds(pair: Pair, offset: int) -> None:
    window = Window.of(bounds_of(*pair), offset)
    assert window.x.exponent == window.y.exponent + offset
    assert window.bits <= BITS
    assert window.key_bits <= KEY_BITS
    assert all(key < 1 << window.key_bits for key in window.keys(*pair).tolist())


# Extents as long as the lattice, just short of a power of two, and of one, with their ends on and beside its cells.
LOWS = (-(2.0**1000), -(2.0**31), -1.0, -5e-324, 0.0, 1.0, math.nextafter(1.0, 2.0), 2.0**31 - 1, 2.0**999)
LENGTHS = (5e-324, 1.0, 2.0**31, math.nextafter(2.0**31, 0.0), math.nextafter(2.0**32, 0.0), 2.0**999, 2.0**1000)


@pytest.mark.parametrize("offset", [0, -7, 3])
@pytest.mark.parametrize(("low", "length"), list(product(LOWS, LENGTHS)))
def test_the_longest_extents_of_a_level_fit_into_a_key(low: float, length: float, offset: int) -> None:
    xs = np.array([low, low + length / 2, low + length])
    for ys in (xs, -xs, np.zeros(3)):
        window = Window.of(bounds_of(xs, ys), offset)
        assert window.bits <= BITS
        keys, cells = window.keys(xs, ys).tolist(), cells_at(xs, ys, window.x.exponent, window.y.exponent)
        assert all(key < 1 << window.key_bits for key in keys)
        for i, j in combinations(range(3), 2):
            expected = exact_order(cells[i], cells[j])
            assert (keys[i] > keys[j]) - (keys[i] < keys[j]) == (expected > 0) - (expected < 0)


@given(PAIRS, OFFSETS)
def test_blocks_hold_all_rows_in_the_order_of_keys(pair: Pair, offset: int) -> None:
    xs, ys = pair
    window = Window.of(bounds_of(xs, ys), offset)
    blocks = list(window.blocks())
    assert len(set(blocks)) == len(blocks)
    on_both_sides = [min(values) < 0 <= max(values) for values in (xs.tolist(), ys.tolist())]
    assert len(blocks) <= 2 ** sum(on_both_sides)
    for (ex, _), (ey, _) in blocks:
        assert ex - window.x.exponent == ey - window.y.exponent >= window.bits
    at = [_block(blocks, x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    for low, high in pairwise(np.argsort(window.keys(xs, ys), kind="stable").tolist()):
        assert at[low] <= at[high]


def _block(blocks: list[tuple[tuple[int, int], tuple[int, int]]], x: float, y: float) -> int:
    """The place of the only block that a point lies in."""
    [found] = [
        place
        for place, (of_x, of_y) in enumerate(blocks)
        if all(
            index <= Fraction(value) / Fraction(2) ** exponent < index + 1
            for value, (exponent, index) in ((x, of_x), (y, of_y))
        )
    ]
    return found


@given(PAIRS, OFFSETS)
def test_rows_at_two_points_are_told_apart_by_windows_within_windows(pair: Pair, offset: int) -> None:
    xs, ys = pair
    while len(set(zip(xs.tolist(), ys.tolist(), strict=True))) > 1:
        keys = Window.of(bounds_of(xs, ys), offset).keys(xs, ys)
        different, rows = np.unique(keys, return_counts=True)
        assert len(different) > 1
        crowd = keys == different[rows.argmax()]
        xs, ys = xs[crowd], ys[crowd]


@pytest.mark.parametrize("offset", [-2000, -45, 45, 2000])
def test_levels_of_very_long_cells(offset: int) -> None:
    for xs in (np.array([0.0, 5e-324, 1e300]), np.array([-1e300, -1e300, 1e300]), np.full(3, 1e300)):
        for ys in (np.array([0.0, 1.0, 2.0]), np.array([-1e300, 1.0, 1e300]), np.array([1.0, 1.0, 1e-20])):
            window = Window.of(bounds_of(xs, ys), offset)
            keys, cells = window.keys(xs, ys).tolist(), cells_at(xs, ys, window.x.exponent, window.y.exponent)
            assert len(set(keys)) > 1
            for i, j in combinations(range(3), 2):
                expected = exact_order(cells[i], cells[j])
                assert (keys[i] > keys[j]) - (keys[i] < keys[j]) == (expected > 0) - (expected < 0)
