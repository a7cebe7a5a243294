"""Keys of rows stand as their values do."""

import numpy as np
import pytest
from halftone_compute.rows.order import LabelOrder, keys_of
from halftone_compute.store.base import Block

VALUES = {
    "f8": np.array([-np.inf, -1e300, -1.5, -5e-324, 0.0, 5e-324, 1.5, 1e300, np.inf]),
    "f4": np.array([-np.inf, -1.5, 0.0, 1.5, np.inf], "f4"),
    "i8": np.array([-(2**63), -1, 0, 1, 2**63 - 1]),
    "i1": np.array([-128, 0, 127], "i1"),
    "u8": np.array([0, 1, 2**63, 2**64 - 1], "u8"),
}


@pytest.mark.parametrize("dtype", VALUES)
def test_keys_rise_as_values_do(dtype: str) -> None:
    keys = keys_of(VALUES[dtype])
    assert keys.dtype == np.uint64
    assert (keys[1:] > keys[:-1]).all()


def test_both_zeros_are_equal() -> None:
    assert np.unique(keys_of(np.array([0.0, -0.0]))).size == 1


@pytest.mark.parametrize(("descending", "expected"), [(False, [2, 0, 1]), (True, [1, 0, 2])])
def test_labels_stand_by_their_text_and_missing_ones_apart(descending: bool, expected: list[int]) -> None:
    order = LabelOrder("c", ["b", "c", "a", None], descending=descending)
    found = order.keys(Block(0, {"c": np.array([0, 1, 2, 3], np.int32)}, {}))
    assert found.missing is not None
    assert found.missing.tolist() == [False, False, False, True]
    assert np.argsort(found.keys[:3]).tolist() == expected


def test_without_a_missing_label_none_is_looked_for() -> None:
    order = LabelOrder("c", ["b", "a"], descending=False)
    assert order.keys(Block(0, {"c": np.array([0, 1], np.int32)}, {})).missing is None
