"""The compiled loops of the sort, against NumPy and Python integers."""

from __future__ import annotations

import numpy as np
import pytest
from halftone_compute.index import kernels
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

KEYS = arrays.arrays(np.uint64, st.integers(0, 60), elements=st.integers(0, 2**64 - 1))


@given(KEYS, st.integers(42, 63))
def test_sort_is_stable_and_complete(keys: np.ndarray, shift: int) -> None:
    """Shifted, high digits are the same in all keys."""
    packed = keys.copy()
    kernels.pack(packed, shift)
    high = keys >> np.uint64(shift)
    np.testing.assert_array_equal(packed >> np.uint64(32), high)
    np.testing.assert_array_equal(packed.astype(np.uint32), np.arange(len(keys)))
    spare = np.empty_like(packed)
    found = spare if kernels.sort(packed, spare) else packed
    np.testing.assert_array_equal(found.astype(np.uint32), np.argsort(high, kind="stable"))
    np.testing.assert_array_equal(found >> np.uint64(32), np.sort(high))


@pytest.mark.parametrize("digits", [(0, 0), (0, 5), (5, 0)])
def test_sort_leaves_out_digits_that_all_keys_share(digits: tuple[int, int]) -> None:
    high, low = digits
    packed = (np.array([high << 11 | low, 0, high << 11 | low], np.uint64) << np.uint64(32)) | np.arange(3, dtype="u8")
    spare = np.empty_like(packed)
    found = spare if kernels.sort(packed, spare) else packed
    assert (found & np.uint64(3)).tolist() == ([1, 0, 2] if any(digits) else [0, 1, 2])


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8"])
def test_rows_by_group_and_in_an_order(dtype: str) -> None:
    values = np.array([10, 11, 12, 13, 14], dtype)
    out = np.empty_like(values)
    places = np.array([0, 2, 2])
    kernels.group(values, np.array([2, 0, 2, 0, 2], np.uint16), places, out)
    assert out.tolist() == [11, 13, 10, 12, 14]
    assert places.tolist() == [2, 2, 5]
    taken = np.empty(3, dtype)
    kernels.take(values, np.array([4, 0, 0], np.uint32), taken)
    assert taken.tolist() == [14, 10, 10]


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_key_has_the_bits_of_both_cells_y_before_x(x: int, y: int) -> None:
    [key] = _keys([float(x)], [float(y)], (0.0, 0.0), two=(False, False))
    expected = sum((x >> bit & 1) << 2 * bit | (y >> bit & 1) << 2 * bit + 1 for bit in range(31))
    assert key == expected


@pytest.mark.parametrize(("x_first", "expected"), [(True, [0, 2, 1, 3]), (False, [0, 1, 2, 3])])
def test_the_block_is_the_highest_bits(x_first: bool, expected: list[int]) -> None:
    """Of lower and upper blocks, in the order of the axis that comes first."""
    xs, ys = [-1.0, 0.0, -1.0, 0.0], [-1.0, -1.0, 0.0, 0.0]
    found = _keys(xs, ys, (0.0, 0.0), two=(True, True), x_first=x_first)
    ranks = [key >> 62 for key in found]
    assert ranks == expected
    lows = [key & (1 << 62) - 1 for key in found]
    most = (1 << 62) - 1
    evens = sum(1 << 2 * bit for bit in range(31))
    assert lows == [most, most - evens, evens, 0]


def test_cells_count_from_the_split() -> None:
    assert _keys([8.0, 9.0], [-4.0, -4.0], (8.0, -4.0), two=(False, False)) == [0, 1]


def _keys(
    xs: list[float], ys: list[float], splits: tuple[float, float], two: tuple[bool, bool], x_first: bool = False
) -> list[int]:
    out = np.empty(len(xs), np.uint64)
    kernels.keys(np.array(xs), 1.0, 1.0, splits[0], two[0], np.array(ys), 1.0, 1.0, splits[1], two[1], 31, x_first, out)
    found: list[int] = out.tolist()
    return found
