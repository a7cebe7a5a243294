"""Lattice cells: the type that numbers are gathered in. The conformance suite holds the planes to NumPy."""

import numpy as np
import pytest
from compute_rig.conformance import LATTICE, MAX, MIN, SUM, Accumulators, planes
from halftone_compute.backends.base import Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.cpu.lattice import wide
from halftone_compute.store.base import Block


@pytest.mark.parametrize(
    ("accumulators", "dtype", "expected"),
    [(SUM, "i4", "f8"), (MAX, "f4", "f8"), (MIN, "u2", "u8"), (MIN, "i2", "i8")],
)
def test_three_types_serve_every_column(accumulators: Accumulators, dtype: str, expected: str) -> None:
    task = Task(LATTICE, accumulators, "x", "y", 1, value="v", value_dtype=np.dtype(dtype))
    assert wide(task, accumulators[-1]) == np.dtype(expected)


def test_the_least_and_greatest_of_a_type_are_found() -> None:
    for dtype in ("i8", "u8"):
        bounds = np.iinfo(dtype)
        rows = {"x": np.zeros(2), "y": np.zeros(2), "v": np.array([bounds.max, bounds.min], dtype)}
        task = Task(LATTICE, (*MIN, MAX[-1]), "x", "y", 2, value="v", value_dtype=np.dtype(dtype))
        *_, least, greatest = planes(CpuEngine(), task, Block(0, rows, {}))
        assert (int(least.cells.min()), int(greatest.cells.max())) == (bounds.min, bounds.max)
