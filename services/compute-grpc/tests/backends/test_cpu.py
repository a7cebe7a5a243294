"""The CPU backend."""

import numpy as np
import pytest
from compute_rig.conformance import LATTICE, BackendConformance
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel, Task
from halftone_compute.backends.cpu import CpuBackend
from halftone_compute.store.base import Block


class TestCpuBackend(BackendConformance):
    @pytest.fixture
    def backend(self) -> CpuBackend:
        return CpuBackend()


def test_more_rows_than_a_uint32_counts_get_wider_cells() -> None:
    task = Task(LATTICE, compute_pb2.AGGREGATE_COUNT, "x", "y", 2**32)
    backend = CpuBackend()
    canvas = backend.create(task)
    backend.aggregate(task, canvas, Block(0, {"x": np.zeros(3), "y": np.zeros(3)}, {}), Cancel())
    (plane,) = backend.to_host(task, canvas)
    assert plane.cells.dtype == np.uint64
    assert plane.cells.sum() == 3


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_stored_type_can_be_an_axis_and_a_value(dtype: str) -> None:
    values = np.array([1, 2, 3], dtype)
    task = Task(LATTICE, compute_pb2.AGGREGATE_MAX, "x", "y", 3, value="v", value_dtype=values.dtype)
    backend = CpuBackend()
    canvas = backend.create(task)
    backend.aggregate(task, canvas, Block(0, {"x": values, "y": values, "v": values}, {}), Cancel())
    found = backend.to_host(task, canvas)[2].cells
    assert found.dtype == values.dtype
    assert sorted(found[found > 0].tolist()) == [1, 2, 3]
