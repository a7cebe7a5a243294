"""Free viewports: Datashader's cells. The conformance suite holds the planes to NumPy."""

import math
from fractions import Fraction

import numpy as np
import pytest
from compute_rig.conformance import COUNT, FREE, MAX, planes
from halftone_compute.backends.base import FreeRegion, Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.store.base import Block
from hypothesis import assume, given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("dtype", ["i4", "f4", "i8", "u8"])
def test_extremes_have_the_type_of_the_column(dtype: str) -> None:
    values = np.array([3, 7], dtype)
    rows = {"x": np.zeros(2), "y": np.ones(2), "v": values}
    task = Task(FREE, MAX, "x", "y", 2, value="v", value_dtype=values.dtype)
    *_, found = planes(CpuEngine(), task, Block(0, rows, {}))
    assert (found.cells.dtype, found.cells.max()) == (values.dtype, 7)


def test_bins_are_cut_out_of_the_range_of_x_alone() -> None:
    x = np.array([0.0, 0.1, 0.3, 1.0, 1.5, -0.1, math.nan])
    (found,) = planes(
        CpuEngine(), Task(FreeRegion(0.0, 1.0, 0.0, 1.0, 4, 1), COUNT, "x", None, 7), Block(0, {"x": x}, {})
    )
    assert found.cells.tolist() == [[2, 1, 0, 1]]


@st.composite
def narrow_axes(draw: st.DrawFn) -> tuple[float, float, list[float]]:
    """(low, high, values) of ranges from the least that float64 has to some that are usual."""
    unit = draw(st.sampled_from([5e-324, 1e-320, 1e-310, 1e-306, 1e-300, 1e-271, 1e-200, 1.0]))
    low = draw(st.sampled_from([0.0, -1.0, 1.0, 2.5])) * unit
    high = low + draw(st.integers(1, 5)) * unit
    inside = st.floats(low, high)
    outside = st.sampled_from([math.nextafter(low, -math.inf), math.nextafter(high, math.inf), 1e300, -1e300])
    return low, high, [low, high, *draw(st.lists(inside | outside, max_size=30))]


@settings(deadline=None, max_examples=150)
@given(narrow_axes(), st.sampled_from([1, 2, 7, 100, 4096]))
def test_a_range_of_any_width_counts_every_row(axis: tuple[float, float, list[float]], cells: int) -> None:
    low, high, values = axis
    assume(low < high)
    x = np.array(values)
    task = Task(FreeRegion(low, high, 0.0, 1.0, cells, 1), COUNT, "x", "y", len(x))
    (found,) = planes(CpuEngine(), task, Block(0, {"x": x, "y": np.full(len(x), 0.5)}, {}))
    inside = [Fraction(value) for value in values if Fraction(low) <= Fraction(value) <= Fraction(high)]
    assert found.cells.sum() == len(inside)
    # The cell is the exact one, or within one rounding of it the next.
    places = np.sort([int((value - Fraction(low)) * cells / (Fraction(high) - Fraction(low))) for value in inside])
    counted = np.repeat(np.arange(cells), found.cells[0])
    assert (np.abs(counted - np.minimum(places, cells - 1)) <= 1).all()
