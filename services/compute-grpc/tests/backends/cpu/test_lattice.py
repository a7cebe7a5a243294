"""The lattice cells of rows; the conformance suite holds them to NumPy, the kernels' tests to exact arithmetic."""

import numpy as np
import pytest
from compute_rig.conformance import COUNT
from halftone_compute.backends.base import LatticeRegion, Task
from halftone_compute.backends.cpu.lattice import lattice_cells
from halftone_compute.store.base import Block


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_rows_outside_have_the_number_after_the_last(dtype: str) -> None:
    region = LatticeRegion(1, -1.0, 0, 0.0, 3, 2)
    rows = {"x": np.array([-2, 0, 3, 4, -3], dtype), "y": np.array([0, 1, 1, 0, 0], dtype)}
    task = Task(region, COUNT, "x", "y", 5)
    assert lattice_cells(task, region, Block(0, rows, {})).tolist() == [0, 4, 5, 6, 6]


def test_bins_are_those_of_x() -> None:
    region = LatticeRegion(1, -1.0, 0, 0.0, 3, 1)
    rows = {"x": np.array([-2.0, 0, 3.9, 4, -3, np.nan])}
    found = lattice_cells(Task(region, COUNT, "x", None, 6), region, Block(0, rows, {}))
    assert found.tolist() == [0, 1, 2, 3, 3, 3]
