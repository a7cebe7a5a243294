"""Keys of values: their order, one for equal values, and back; and the cells of places."""

import numpy as np
import pytest
from halftone_compute.backends.base import FreeRegion, LatticeRegion
from halftone_compute.render.statistics.values import cells_of, keys_of, values_of

ODD = [-1.7e308, -1.5, -5e-324, 0.0, 5e-324, 1.0, 1.7e308]


@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "i8", "u1", "u8"])
def test_keys_ascend_as_values_do(dtype: str) -> None:
    values = np.array(ODD) if dtype == "f8" else np.array([0, 1, 2, 100]).astype(dtype)
    if dtype[0] in "if":
        values = np.sort(np.concatenate((values, np.array([-3, -100]).astype(dtype))))
    keys = keys_of(values)
    assert keys.dtype == np.uint64
    assert (np.diff(keys.astype(object)) > 0).all()
    np.testing.assert_array_equal(values_of(keys, values.dtype), values.astype(np.float64))


def test_both_zeros_are_one_value() -> None:
    assert len(set(keys_of(np.array([0.0, -0.0])).tolist())) == 1


def test_cells_are_exact_floors_on_the_lattice() -> None:
    region = LatticeRegion(1, -2.0, 0, 0.0, 4, 1)
    places = np.array([-4.0, -4.1, -1e-320, 0.0, 1.9, 2.0, 4.0, np.nan, np.inf])
    assert cells_of(places, region).tolist() == [0, -1, 1, 2, 2, 3, -1, -1, -1]


def test_a_free_viewport_is_closed() -> None:
    region = FreeRegion(0.0, 3.0, 0.0, 1.0, 3, 1)
    assert cells_of(np.array([-0.1, 0.0, 2.9, 3.0, 3.1, np.nan]), region).tolist() == [-1, 0, 2, 2, -1, -1]
