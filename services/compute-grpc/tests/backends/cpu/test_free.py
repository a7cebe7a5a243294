"""Free viewports: what Datashader is asked for. The conformance suite holds the planes to NumPy."""

import numpy as np
import pytest
from compute_rig.conformance import COUNT, FREE, MAX, SQUARES, Accumulators, planes
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Task
from halftone_compute.backends.cpu import datashade
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.cpu.free import gathered_of
from halftone_compute.store.base import Block


@pytest.mark.parametrize("accumulators", [COUNT, MAX, SQUARES])
def test_a_compilation_is_named_by_what_it_gathers(accumulators: Accumulators) -> None:
    task = Task(FREE, accumulators, "x", "y", 1, value="v")
    assert gathered_of(task) == accumulators[-1]
    assert gathered_of(Task(FREE, COUNT, "x", "y", 1, category="c", categories=2)) == datashade.BY_CATEGORY


def test_extremes_have_the_type_of_the_column_where_float64_holds_it() -> None:
    for dtype, expected in (("i4", "i4"), ("f4", "f4"), ("i8", "f8")):
        rows = {"x": np.zeros(2), "y": np.ones(2), "v": np.array([3, 7], dtype)}
        task = Task(FREE, MAX, "x", "y", 2, value="v", value_dtype=np.dtype(dtype))
        *_, found = planes(CpuEngine(), task, Block(0, rows, {}))
        assert found.cells.dtype == np.dtype(expected)
        assert found.cells.max() == 7
    assert MAX[-1] == compute_pb2.ACCUMULATOR_MAX
