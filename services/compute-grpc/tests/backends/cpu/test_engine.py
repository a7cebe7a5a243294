"""The CPU engine."""

from dataclasses import replace

import numpy as np
import pytest
from compute_rig.cells import Region
from compute_rig.conformance import (
    COUNT,
    EVERYTHING,
    FIRST,
    FREE,
    LAST,
    LATTICE,
    MAX,
    MIN,
    SQUARES,
    SUM,
    Accumulators,
    EngineConformance,
    planes,
)
from halftone_compute.backends.base import Task
from halftone_compute.backends.cpu.engine import CpuEngine, canvas_of
from halftone_compute.backends.several import parts_of
from halftone_compute.store.base import Block


class TestCpuEngine(EngineConformance):
    @pytest.fixture
    def backend(self) -> CpuEngine:
        return CpuEngine()


def test_more_rows_than_a_uint32_counts_get_wider_cells() -> None:
    task = Task(LATTICE, COUNT, "x", "y", 2**32)
    (plane,) = planes(CpuEngine(), task, Block(0, {"x": np.zeros(3), "y": np.zeros(3)}, {}))
    assert plane.cells.dtype == np.uint64
    assert plane.cells.sum() == 3


@pytest.mark.parametrize("rows", [1, 2**32])
@pytest.mark.parametrize("accumulators", [COUNT, SUM, MIN, MAX, SQUARES, FIRST, LAST])
@pytest.mark.parametrize("region", [LATTICE, FREE], ids=["lattice", "free"])
def test_needs_what_the_arrays_of_its_canvases_take(accumulators: Accumulators, rows: int, region: Region) -> None:
    task = Task(region, accumulators, "x", "y", rows, value="v", value_dtype=np.dtype(np.float64))
    for asked in (task, replace(task, category="c", categories=5)):
        taken = 0
        for part in parts_of(asked):
            canvas = canvas_of(part)
            # But for the cells that take the rows outside.
            arrays = [array for array in (canvas.counts, canvas.valids, canvas.found, canvas.at) if array is not None]
            taken += sum(array[part.planes :].nbytes for array in arrays)
        assert CpuEngine().needs(asked) == taken


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_stored_type_can_be_an_axis_and_a_value(dtype: str) -> None:
    values = np.array([1, 2, 3], dtype)
    task = Task(LATTICE, MAX, "x", "y", 3, value="v", value_dtype=values.dtype)
    found = planes(CpuEngine(), task, Block(0, {"x": values, "y": values, "v": values}, {}))[2].cells
    assert found.dtype == values.dtype
    assert sorted(found[found > 0].tolist()) == [1, 2, 3]


def test_without_rows_every_cell_is_zero() -> None:
    task = Task(LATTICE, EVERYTHING, "x", "y", 3, value="v", value_dtype=np.dtype(np.int16))
    for region in (LATTICE, FREE):
        assert not any(plane.cells.any() for plane in planes(CpuEngine(), replace(task, region=region)))
