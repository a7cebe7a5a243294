"""Parts of a block, and columns as loops take them."""

import numpy as np
from compute_rig.conformance import COUNT, LATTICE
from halftone_compute.backends.base import Task
from halftone_compute.backends.cpu.rows import coordinates, floats, parts
from halftone_compute.store.base import Block

BLOCK = Block(
    40,
    {"x": np.arange(7, dtype="f4"), "y": np.arange(7), "z": np.arange(7, dtype="f4"), "unused": np.zeros(7)},
    {"y": np.arange(7) != 2},
    "version",
)


def test_parts_are_small_and_hold_the_columns_of_the_task() -> None:
    found = list(parts(BLOCK, Task(LATTICE, COUNT, "x", "y", 7), 3))
    assert [(part.start, len(part.values["x"])) for part in found] == [(40, 3), (43, 3), (46, 1)]
    assert all(list(part.values) == ["x", "y"] for part in found)
    assert found[0].valid["y"].tolist() == [True, True, False]


def test_a_null_becomes_nan() -> None:
    np.testing.assert_array_equal(floats(BLOCK, "y"), [0, 1, np.nan, 3, 4, 5, 6])


def test_only_a_pair_of_float32_stays_as_it_is() -> None:
    xs, zs = coordinates(BLOCK, "x", "z")
    assert xs is BLOCK.values["x"]
    assert zs is BLOCK.values["z"]
    assert [axis.dtype for axis in coordinates(BLOCK, "x", "y")] == [np.float64, np.float64]
