"""The CPU backend."""

from dataclasses import replace

import numpy as np
import pytest
from compute_rig.conformance import FREE, LATTICE, BackendConformance
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel, Task
from halftone_compute.backends.cpu import datashade
from halftone_compute.backends.cpu.engine import CpuBackend, Loops
from halftone_compute.store.base import Block

VALUED = [
    compute_pb2.AGGREGATE_SUM,
    compute_pb2.AGGREGATE_MIN,
    compute_pb2.AGGREGATE_MAX,
    compute_pb2.AGGREGATE_SQUARES,
]


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


@pytest.mark.parametrize("rows", [1, 2**32])
@pytest.mark.parametrize("aggregate", VALUED)
def test_needs_no_less_than_the_arrays_of_a_canvas(aggregate: compute_pb2.Aggregate.ValueType, rows: int) -> None:
    task = Task(LATTICE, aggregate, "x", "y", rows, value="v", value_dtype=np.dtype(np.float64))
    backend = CpuBackend()
    canvas = backend.create(task)
    assert isinstance(canvas, Loops)
    # But for the one cell that takes the rows outside.
    arrays = [array[:-1] for array in (canvas.counts, canvas.valids, canvas.found) if array is not None]
    assert backend.needs(task) == sum(array.nbytes for array in arrays)
    free = datashade.engine(aggregate).create((FREE.height, FREE.width))
    assert backend.needs(replace(task, region=FREE)) >= sum(array.nbytes for array in free)


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
