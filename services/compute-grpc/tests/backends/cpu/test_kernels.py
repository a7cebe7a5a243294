"""The compiled loops against exact arithmetic, and against Datashader on the same cell coordinates."""

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from halftone_compute.backends.cpu import kernels
from halftone_views.lattice import cell_of
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable


@given(st.floats(-(2.0**900), 2.0**900), st.integers(-100, 100))
def test_cell_is_the_exact_floor(value: float, exponent: int) -> None:
    assert kernels.cell(value, math.ldexp(1.0, -exponent), 0.0) == float(cell_of(value, exponent))


@pytest.mark.parametrize(("value", "expected"), [(-5e-324, -1.0), (5e-324, 0.0), (-0.0, 0.0), (-1e-310, -1.0)])
def test_cell_of_numbers_that_scale_to_nothing(value: float, expected: float) -> None:
    assert kernels.cell(value, 2.0**-900, 0.0) == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 4.0, -0.5, 1e300])
def test_rows_outside_go_to_the_last_bin(value: float) -> None:
    flat = np.empty(1, np.int64)
    kernels.flatten(np.array([value]), np.zeros(1), 1.0, 0.0, 1.0, 0.0, 4, 4, flat)
    assert flat[0] == 16
    kernels.flatten_bins(np.array([value]), 1.0, 0.0, 4, flat)
    assert flat[0] == 4


def test_loops_equal_datashader_on_cell_coordinates() -> None:
    rng = np.random.default_rng(3)
    flat = rng.integers(0, 64, 5000)
    values = rng.normal(size=5000)
    values[::7] = np.nan
    ones, numbers = np.ones(5000, np.bool_), np.arange(5000)
    y, x = np.divmod(flat, 8)
    frame = pd.DataFrame({"x": x + 0.5, "y": y + 0.5, "v": values})
    least, greatest = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    loops: list[tuple[Callable[..., None], ds.reductions.Reduction, float, int | None]] = [
        (kernels.total, ds.sum("v"), 0.0, None),
        (kernels.least, ds.min("v"), math.inf, None),
        (kernels.greatest, ds.max("v"), -math.inf, None),
        (kernels.first, ds.first("v"), 0.0, greatest),
        (kernels.last, ds.last("v"), 0.0, least),
    ]
    canvas = ds.Canvas(8, 8, (0.0, 8.0), (0.0, 8.0))
    for loop, reduction, neutral, number in loops:
        expected = canvas.points(frame, "x", "y", ds.summary(rows=ds.count(), valid=ds.count("v"), value=reduction))
        counts, valids, found = np.zeros(65, np.uint32), np.zeros(65, np.uint32), np.full(65, neutral)
        if number is None:
            loop(flat, values, ones, counts, valids, found)
        else:
            loop(flat, values, ones, numbers, counts, valids, np.full(65, number), found)
        np.testing.assert_array_equal(counts[:64].reshape(8, 8), expected["rows"])
        np.testing.assert_array_equal(valids[:64].reshape(8, 8), expected["valid"])
        np.testing.assert_array_equal(found[:64].reshape(8, 8), expected["value"])


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, 0), (0.3, 1), (1.0, 3), (1.1, -1), (-0.1, -1), (math.nan, -1), (math.inf, -1)]
)
def test_a_view_is_closed_and_its_upper_edge_lies_in_the_last_cell(value: float, expected: int) -> None:
    assert kernels.view_cell(value, 0.0, 1.0, 4.0, 0.0, 4) == expected


def test_cells_of_categories_lie_one_plane_after_the_other() -> None:
    codes = np.array([0, 1, 2, -1, 1], np.int32)
    for other, expected in ((False, [3, 8, 4, 4, 9]), (True, [3, 8, 7, 4, 9])):
        flat = np.array([3, 3, 2, 1, 4])
        kernels.of_categories(flat, codes, 2, other, 5)
        assert flat.tolist() == expected


def test_the_first_and_the_last_row_are_told_by_their_numbers_and_not_by_their_order() -> None:
    values, numbers = np.array([5, 6, 7, 8]), np.array([2, 0, 3, 1])
    valid = np.array([True, False, True, True])
    for loop, start, expected, number in ((kernels.first, 2**63 - 1, 8, 1), (kernels.last, -(2**63), 7, 3)):
        counts, valids = np.zeros(1, np.uint32), np.zeros(1, np.uint32)
        at, found = np.array([start]), np.zeros(1, np.int64)
        loop(np.zeros(4, np.int64), values, valid, numbers, counts, valids, at, found)
        assert (counts[0], valids[0], at[0], found[0]) == (4, 3, number, expected)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40), st.sampled_from((0.0, 1e6, -1e12)))
def test_squares_lose_no_more_than_their_number_of_roundings(around: list[float], offset: float) -> None:
    """Whatever the first value is: one far from all the others, too."""
    values = np.array(around) + offset
    rows = len(values)
    counts, valids, about = np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros((1, 3))
    kernels.squares(np.zeros(rows, np.int64), values, np.ones(rows, np.bool_), counts, valids, about)
    exact = [Fraction(value) for value in values.tolist()]
    mean = sum(exact) / rows
    expected = float(sum((value - mean) ** 2 for value in exact))
    # n roundings, of a mean that is at most √n deviations from the pivot; what float64 is too coarse for is nothing.
    bound = 8 * rows**1.5 * np.finfo(np.float64).eps * expected + 1e-300
    assert abs(float(about[0, kernels.SQUARES]) - expected) <= bound


def test_squares_of_an_offset_and_of_an_outlier_in_front() -> None:
    far = np.array([1e6, 1e6 + 0.01, 1e6 - 0.01] * 1000)
    for values in (far, np.concatenate([[-1e9], far])):
        rows = len(values)
        counts, valids, about = np.zeros(2, np.uint32), np.zeros(2, np.uint32), np.zeros((2, 3))
        kernels.squares(np.ones(rows, np.int64), values, np.ones(rows, np.bool_), counts, valids, about)
        found = about[:, kernels.SQUARES]
        assert found[1] == pytest.approx(np.sum((values - values.mean()) ** 2), rel=1e-7)
        assert found[0] == 0.0


def test_squares_of_very_many_rows_behind_an_outlier() -> None:
    rows = 1_000_000
    values = np.full(rows, 0.1)
    values[0] = 0.0
    counts, valids, about = np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros((1, 3))
    kernels.squares(np.zeros(rows, np.int64), values, np.ones(rows, np.bool_), counts, valids, about)
    expected = float(Fraction(0.1) ** 2 * Fraction(rows - 1, rows))
    assert about[0, kernels.SQUARES] == pytest.approx(expected, rel=1e-12)


def test_squares_of_equal_values_are_nothing() -> None:
    counts, valids, about = np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros((1, 3))
    values, valid = np.array([0.1, math.nan, 0.1, 7.0, 0.1]), np.array([True, True, True, False, True])
    kernels.squares(np.zeros(5, np.int64), values, valid, counts, valids, about)
    assert (counts[0], valids[0], about[0, kernels.SQUARES]) == (5, 3, 0.0)


def test_values_that_are_not_valid_count_as_rows_only() -> None:
    counts, valids, found = np.zeros(2, np.uint32), np.zeros(2, np.uint32), np.full(2, 2**63 - 1)
    kernels.least(np.zeros(2, np.int64), np.array([5, -9]), np.array([True, False]), counts, valids, found)
    assert (counts[0], valids[0], found[0]) == (2, 1, 5)
